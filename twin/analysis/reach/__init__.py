"""Reach over an org: who may do what, who can become whom, by which statements, and what would break the way."""

from twin.analysis.reach.hops import Hop, Path, Step
from twin.analysis.reach.reach import Holder, Reach
from twin.analysis.reach.subject import Node

__all__ = ["Holder", "Hop", "Node", "Path", "Reach", "Step"]
