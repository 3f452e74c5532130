"""The rules of the room `reports`."""
