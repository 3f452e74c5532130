"""Our own operator, against a line whose documents are written by hand."""
