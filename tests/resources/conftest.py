"""Puts this folder on the path, so that the families share `bench`."""
