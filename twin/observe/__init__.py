"""Reads an org back as one typed topology, from whatever can be observed."""
