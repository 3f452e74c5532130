"""The rules of the room `records`."""
