"""Zero trust at the edge: whether a zone keeps its visitors and origins as safe as the spec promises.

`edge_trust(zone, promise, admits)` gives every finding; `differing(changes)` those of a zone that left its spec.
"""

from twin.analysis.edge_trust.findings import EdgeFinding, Promise, differing, edge_trust

__all__ = ["EdgeFinding", "Promise", "differing", "edge_trust"]
