"""What a journal asks of the local disk: its files, the reserve they come from, how they are read while written."""
