"""What is remembered of callers? Their usual département, and whether they call without end."""
