"""What a file really is: the closed list, and each of its kinds looked into."""
