"""Which files come with a request? What they are by their content, where they are kept, how they are given."""
