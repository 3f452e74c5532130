"""What do people see? Layout, doors, words, legal pages, a référent's presence, the administration."""
