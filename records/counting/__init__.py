"""How many? Every sum over the calls of a scope, and the calls behind it."""
