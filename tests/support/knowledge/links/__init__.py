"""Tests of the links of articles."""
