"""The commands of `svi`, one module for each group."""
