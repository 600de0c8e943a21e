"""Recordings: what an org was at every instant of a run, as a first look and what changed since."""
