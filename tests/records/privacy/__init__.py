"""What is still known of a person, on real tables."""
