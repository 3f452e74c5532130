"""Tests of support.routes."""
