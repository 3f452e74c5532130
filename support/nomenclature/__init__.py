"""What may a person need? The dated list, its changes, its search."""
