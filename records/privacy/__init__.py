"""What is still known of a person? What was erased, what is due to go, where a number stands."""
