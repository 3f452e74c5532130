"""On which sockets, by which processes? The supervisor, the web processes, how they stop."""
