"""Tests of support.knowledge."""
