"""What are the figures? Definitions, periods, summaries, and what charts show of them."""
