"""What a proof is given: the plan, the reach over it, and what is known of its use."""

from functools import cached_property

from twin.analysis.plan.org import org_of
from twin.analysis.plan.planned import Planned
from twin.analysis.plan.usage import Usage
from twin.analysis.reach import Reach
from twin.observe.iam.org import Org


class Case:
    """One plan before its proofs; what several of them need is made once."""

    def __init__(self, planned: Planned, usage: Usage | None = None) -> None:
        self.planned, self.usage = planned, usage

    @cached_property
    def org(self) -> Org:
        """The org that the plan would make."""
        return org_of(self.planned)

    @cached_property
    def reach(self) -> Reach:
        """Who may do what in it."""
        return Reach(self.org)
