"""What an import would change, and what people decide about it."""
