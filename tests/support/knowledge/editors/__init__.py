"""Tests of the editors’ list."""
