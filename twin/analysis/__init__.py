"""Proofs over an org that was read back."""
