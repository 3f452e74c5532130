"""The rules of the room `ivr`."""
