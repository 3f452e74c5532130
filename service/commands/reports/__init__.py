"""Commands about figures, workbooks, the survey and the radar."""
