"""The telephone operators: each one's words stay in its own module."""
