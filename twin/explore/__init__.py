"""Looks for what breaks an org: every single fault and every pair, each tried on a copy of the world."""
