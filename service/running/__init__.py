"""What runs? Processes, jobs, health, checks, reconciliation, the static fallback."""
