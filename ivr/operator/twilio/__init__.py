"""Twilio's own words: documents, forms, signature, its interface for programs."""
