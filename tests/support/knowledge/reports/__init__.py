"""Tests of reports on articles."""
