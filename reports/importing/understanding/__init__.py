"""From a line of cells to a call: dates, durations, numbers, wordings."""
