"""Many calls at once, and calls while things break."""
