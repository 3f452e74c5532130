"""Requests: their table, their verbs, their pages, on SQLite and PostgreSQL."""
