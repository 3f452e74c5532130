"""Who solves what the desk cannot? Requests, their states, their history, what is told of them."""
