"""Workbooks that are written in the background: asked for on a page, one at a time, kept for some days."""
