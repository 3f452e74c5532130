"""What stands around every call: the clock, the processes, the habits of an operator, its log, what is told."""
