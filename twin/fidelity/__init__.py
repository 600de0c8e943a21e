"""How far a target answers as the vendors document it: probes with known right answers, run against it."""
