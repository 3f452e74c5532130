"""Who is listed? The file of the directory: read, checked, compared."""
