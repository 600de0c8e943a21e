"""Resource control policies: what anybody may do at most with what accounts own."""

from collections.abc import Iterable
from typing import ClassVar

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import tag_problems
from twin.resources.aws.organizations import name_problems
from twin.resources.aws.organizations_policy import ControlPolicy
from twin.resources.aws.policy_document import resource_policy
from twin.resources.aws.policy_grammar import statements
from twin.resources.resource import Peers, Problem
from twin.semantics.iam.resource_control import unfit


class ResourceControlPolicy(ControlPolicy):
    """An upper bound of what anybody may do with the resources of accounts, on all its targets."""

    TYPE: ClassVar[str] = "aws.organizations.rcp"
    POLICY_TYPE: ClassVar[str] = "RESOURCE_CONTROL_POLICY"

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, the document and its size, and how many policies a target has."""
        yield from name_problems("policy", self.name)
        yield from resource_policy(self.policy, "policy", facts("organizations")["rcp_size"], peers)
        for number, statement in enumerate(statements(self.policy), 1):
            for wrong in unfit(statement):
                yield Problem("TW0441", f"policy: statement {number}: {wrong}", "policy")
        yield from tag_problems(self.tags, 50)
        quota = facts("organizations")["rcps_per_target"]
        yield from self.too_many(address, peers, quota=quota, builtin="RCPFullAWSAccess")
