"""The narrowest mend of a way that should not be there, in words."""

from twin.analysis.passage.cuts import narrowest_cut
from twin.analysis.passage.ends import End
from twin.analysis.passage.passages import Asked, Packets, View, passage

WEIGHED = 200
"""There may be many findings: what else a mend ends is counted in small networks only."""


def mend(view: View, start: End, goal: End, packets: Packets | None = None) -> str:
    """Say which rules to take away, so that no packet gets from one end to the other."""
    asked = Asked((start,), (goal,), packets or {}, hosts=False)
    cut = narrowest_cut(view, lambda other: passage(other, asked, start, goal), weighed=WEIGHED)
    if cut is None:
        return "no few rules end it: move one of the two into a subnet and security group of its own"
    return "take away " + " and ".join(rule.label for rule in cut.rules)
