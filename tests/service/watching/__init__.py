"""The house watched: what machines ask of it, and whom it tells."""
