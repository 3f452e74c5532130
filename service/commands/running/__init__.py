"""Commands that run, check and clean the service."""
