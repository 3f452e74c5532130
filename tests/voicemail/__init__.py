"""The rules of the room `voicemail`."""
