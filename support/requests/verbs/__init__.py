"""What is done to a request: what every verb does, and the verbs of what was written."""
