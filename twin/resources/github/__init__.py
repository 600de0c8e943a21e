"""GitHub's part of the catalogue."""
