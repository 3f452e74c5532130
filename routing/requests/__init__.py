"""Who should answer a request? The desk of a written request, by who wrote it, its level and its subject."""
