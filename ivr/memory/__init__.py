"""What is remembered of callers? Their usual département, and whether they redial without end."""
