"""Findings about a network: what is exposed, what is not apart, what one zone's loss takes away."""
