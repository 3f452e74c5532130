"""What did somebody type? Numbers and durations, read in one way by every door."""
