"""A telephone operator of our own, for people and for tests: it behaves as the real one does, and rings nobody."""
