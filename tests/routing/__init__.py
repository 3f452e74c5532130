"""The rules of the room `routing`."""
