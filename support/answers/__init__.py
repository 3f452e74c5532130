"""What to say about it? The ready answers and what is proposed to the national team."""
