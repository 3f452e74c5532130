"""What is done on a schedule, by which process, and how it is done once whatever the machines."""
