"""Commands about what is in force, and who may sign in."""
