"""Tests of support.attachments."""
