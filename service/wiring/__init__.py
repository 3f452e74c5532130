"""How is each room plugged in? One small file for each."""
