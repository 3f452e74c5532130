"""Tests of support.newsletter."""
