"""Cloudflare's edge before the sites of the twin: `Edge.visit(asked)` decides about a request and asks the origin.

`world.edge.origin` is whoever answers for the addresses behind it, by the protocol of `twin.semantics.edge.Origin`.
"""

from twin.world.edge.edge import Edge

__all__ = ["Edge"]
