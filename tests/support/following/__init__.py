"""Tests of support.following."""
