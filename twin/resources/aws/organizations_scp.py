"""Service control policies: what the principals of accounts may do at most."""

from collections.abc import Iterable
from typing import ClassVar

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import tag_problems
from twin.resources.aws.organizations import name_problems
from twin.resources.aws.organizations_policy import ControlPolicy
from twin.resources.aws.policy_document import identity_policy
from twin.resources.aws.policy_grammar import statements
from twin.resources.resource import Peers, Problem


class ServiceControlPolicy(ControlPolicy):
    """An upper bound of what accounts may do, on all its targets."""

    TYPE: ClassVar[str] = "aws.organizations.scp"
    POLICY_TYPE: ClassVar[str] = "SERVICE_CONTROL_POLICY"

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, the document and its size, and how many policies a target has."""
        yield from name_problems("policy", self.name)
        yield from identity_policy(self.policy, "policy", facts("organizations")["scp_size"])
        for number, statement in enumerate(statements(self.policy), 1):
            if "NotResource" in statement:
                yield Problem("TW0441", f"policy: statement {number}: an SCP knows no NotResource", "policy")
        yield from tag_problems(self.tags, 50)
        quota = facts("organizations")["scps_per_target"]
        yield from self.too_many(address, peers, quota=quota, builtin="FullAWSAccess")
