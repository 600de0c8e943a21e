"""An org as it is planned: what proofs look at before anything was sent."""
