"""The pages by which the national team runs the service."""
