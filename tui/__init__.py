"""The explorer: a terminal interface to a twin."""
