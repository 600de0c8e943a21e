"""Readers of what the stores hold, one file per service."""
