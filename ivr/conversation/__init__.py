"""What is said next? The script, its words, and the addresses that carry it; pure."""
