"""The rules of the room `support`."""
