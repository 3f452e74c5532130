"""What people say about the lines of « À faire »."""
