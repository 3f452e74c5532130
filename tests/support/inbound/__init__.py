"""Tests of support.inbound."""
