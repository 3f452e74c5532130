"""Whether the addresses of the articles still answer: asked once a week, politely, and never inside our own network."""
