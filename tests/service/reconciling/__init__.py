"""The rules of the room `service`."""
