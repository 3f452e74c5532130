"""Who does what is due, and what people asked for and wait for: the rows of scheduled and of heavy work."""
