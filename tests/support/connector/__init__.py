"""Tests of support.connector."""
