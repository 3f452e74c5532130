"""What was published or set about routing? Directories and rules, as rows."""
