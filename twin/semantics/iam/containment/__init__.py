"""Whether a policy allows anything that another did not, decided exactly, with a request that shows it."""

from twin.semantics.iam.containment.verdict import Containment, contained

__all__ = ["Containment", "contained"]
