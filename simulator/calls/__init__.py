"""A call as the operator runs it: legs, speaking, ringing, recording."""
