"""How does somebody without an account follow what was written? Private links, and the page behind them."""
