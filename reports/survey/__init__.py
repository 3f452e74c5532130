"""The monthly survey: when it is open, what is filled in, who has answered."""
