"""From people and groups of Okta into AWS roles: memberships, and assertions that name a role and its provider."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from twin.analysis.reach.answers import Ground
from twin.analysis.reach.hops import Hop, Step
from twin.analysis.reach.subject import Node
from twin.observe.iam.org import Identity

if TYPE_CHECKING:
    from twin.analysis.reach.ways import Ways


def from_okta(node: Node, ways: "Ways") -> Iterator[Hop]:
    """Yield the groups that a person is in, and the roles that an app lets a group or person take."""
    for member in ways.estate.members.get(node.arn, ()):
        ground = Ground(member.person, "membership", member.group, 0, 0, member.key)
        yield Hop(node, Node(member.group), "okta.membership", (Step("member", member.group, (ground,)),))
    for door in ways.estate.doors.get(node.arn, ()):
        role = ways.estate.objects.get(door.role)
        if not isinstance(role, Identity) or door.provider not in ways.estate.objects:
            continue
        answer = ways.assumes(Node(door.provider), role, "sts:AssumeRoleWithSAML")
        if answer.allowed:
            ground = Ground(door.holder, "assertion", door.app, 0, 0, door.key)
            steps = (
                Step("open", door.app, (ground,)),
                Step("sts:AssumeRoleWithSAML", role.arn, answer.grounds, answer.conditions),
            )
            yield Hop(node, Node(role.arn), "okta.assertion", steps)
