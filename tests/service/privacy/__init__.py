"""Privacy carried out."""
