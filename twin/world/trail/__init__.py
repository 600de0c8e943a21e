"""The record of what was done: every call, CloudTrail's events of it, their delivery, and the evidence outside."""

from twin.world.trail.calls import Recorded, Trail

__all__ = ["Recorded", "Trail"]
