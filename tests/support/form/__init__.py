"""Tests of support.form."""
