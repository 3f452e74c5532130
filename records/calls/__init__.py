"""What happened in a call? From the journal's lines to the row that everybody reads."""
