"""Who may have the files of a request, and see its images."""
