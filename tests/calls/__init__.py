"""Whole calls, played as transcripts."""
