"""One principal with everything that binds it, and the same principal after it changed its own rights."""

import fnmatch
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from twin.observe.iam.org import Account, Document, Group, Identity, Managed, account_of

Layer = Literal["identity", "boundary", "scp", "rcp", "resource", "trust", "grant", "assertion", "membership"]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


class Source(NamedTuple):
    """Where a document stands: whose it is, in which layer, under which name; `arn` is that of a managed policy."""

    owner: str
    layer: Layer
    name: str
    text: str
    arn: str = ""


class Change(NamedTuple):
    """What somebody did to a principal's rights: added a policy or a group, put another version, took the boundary."""

    kind: Literal["policy", "group", "version", "boundary"]
    name: str
    text: str = ""


class Node(NamedTuple):
    """A principal of the graph: an ARN, an Okta person or group, a provider's subject; with changed rights or as is."""

    arn: str
    changes: tuple[Change, ...] = ()

    def with_change(self, change: Change) -> "Node":
        """Return the principal after one more change."""
        return Node(self.arn, tuple(sorted({*self.changes, change})))

    def __str__(self) -> str:
        told = ", ".join(_SAID[change.kind].format(change.name) for change in self.changes)
        return f"{self.arn} ({told})" if told else self.arn


_SAID = {
    "policy": "with the policy {}",
    "group": "in the group {}",
    "version": "with another version of {}",
    "boundary": "without its boundary",
}


Levels = tuple[tuple[str, tuple[Source, ...]], ...]
"""What each level of the organization says, from the root down to an account."""


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What binds the resources of an account, whoever calls; equal ones are one object, see `Asker.limits`."""

    rcps: Levels


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A principal as decisions see it; equal subjects are one object, see `Asker.subject`.

    `boundary` and `scps` are None where none applies. `free_tags`: whoever takes the role may tag the session.
    `providers` are the identity providers that the role's trust names.
    """

    arn: str
    account: str
    identity: tuple[Source, ...] = ()
    boundary: tuple[Source, ...] | None = None
    scps: Levels | None = None
    facts: tuple[tuple[str, str], ...] = ()
    free_tags: bool = False
    providers: tuple[str, ...] = ()
    answers: dict[object, object] = field(default_factory=dict, repr=False)

    @property
    def content(self) -> object:
        """Return everything that decisions depend on."""
        told = (self.arn, self.account, self.facts, self.free_tags, self.providers)
        return (*told, self.identity, self.boundary, self.scps)


def subject_of(node: Node, objects: Mapping[str, object]) -> Subject:
    """Put together what binds an identity; someone the org does not hold (a provider, a stranger) has no policies."""
    account = account_of(node.arn)
    home = objects.get(f"account:{account}")
    scps = levels_of(home, "scp")
    organization = membership(home, "Principal")
    identity = objects.get(node.arn, Identity(node.arn) if node.changes else None)
    if not isinstance(identity, Identity):
        return Subject(node.arn, account, scps=scps, facts=organization)
    tags = tuple((f"aws:PrincipalTag/{key}", value) for key, value in identity.tags)
    free = tags_sessions(identity.trust)
    return Subject(
        node.arn, account, tuple(_identity(node, identity, objects)), _boundary(node, identity, objects), scps,
        organization + (() if free else tags), free, providers_of(identity.trust),
    )  # fmt: skip


def membership(account: object, whose: Literal["Principal", "Resource"]) -> tuple[tuple[str, str], ...]:
    """Return what an account's organization tells of a request by it, or about what it owns."""
    if not isinstance(account, Account):
        return ()
    told = ((f"aws:{whose}OrgID", account.organization), (f"aws:{whose}OrgPaths", account.path))
    return tuple(one for one in told if one[1])


@lru_cache(maxsize=65536)
def tags_sessions(trust: str) -> bool:
    """Return whether a role's trust lets anybody tag its sessions."""
    statements = json.loads(trust)["Statement"] if trust else []
    return any(
        statement["Effect"] == "Allow" and any(fnmatch.fnmatchcase("sts:tagsession", one.lower()) for one in actions)
        for statement in (statements if isinstance(statements, list) else [statements])
        for actions in [_listed(statement.get("Action", ()))]
    )


@lru_cache(maxsize=65536)
def providers_of(trust: str) -> tuple[str, ...]:
    """Return the identity providers that a role's trust names."""
    statements = json.loads(trust)["Statement"] if trust else []
    principals = [one.get("Principal") for one in (statements if isinstance(statements, list) else [statements])]
    found = (name for one in principals if isinstance(one, dict) for name in _listed(one.get("Federated", [])))
    return tuple(dict.fromkeys(found))


def _listed(written: Any) -> list[str]:
    return [written] if isinstance(written, str) else list(written)


def levels_of(account: object, layer: Literal["scp", "rcp"]) -> Levels | None:
    """Return the control policies of one kind that bind an account; None where none do."""
    told = None if not isinstance(account, Account) else account.scps if layer == "scp" else account.rcps
    if told is None:
        return None
    return tuple((level, tuple(Source(level, layer, one.name, one.text) for one in found)) for level, found in told)


def _identity(node: Node, identity: Identity, objects: Mapping[str, object]) -> list[Source]:
    joined = [change.name for change in node.changes if change.kind == "group"]
    found = _own(identity.arn, identity.inline, identity.attached, (node, objects))
    for name in (*identity.groups, *joined):
        group = objects.get(name)
        if isinstance(group, Group):
            found += _own(group.arn, group.inline, group.attached, (node, objects))
    found += [Source(node.arn, "identity", c.name, c.text, c.name) for c in node.changes if c.kind == "policy"]
    return list(dict.fromkeys(found))


def _own(
    owner: str, inline: tuple[Document, ...], attached: tuple[str, ...], place: tuple[Node, Mapping[str, object]]
) -> list[Source]:
    node, objects = place
    versions = {change.name: change.text for change in node.changes if change.kind == "version"}
    found = [Source(owner, "identity", one.name, one.text) for one in inline]
    for arn in attached:
        policy = objects.get(arn)
        if isinstance(policy, Managed):
            found.append(Source(owner, "identity", arn.rpartition("/")[2], versions.get(arn, policy.text), arn))
    return found


def _boundary(node: Node, identity: Identity, objects: Mapping[str, object]) -> tuple[Source, ...] | None:
    if not identity.boundary or any(change.kind == "boundary" for change in node.changes):
        return None
    policy = objects.get(identity.boundary)
    if not isinstance(policy, Managed):
        return ()  # a boundary that cannot be read allows nothing
    versions = {change.name: change.text for change in node.changes if change.kind == "version"}
    name = identity.boundary.rpartition("/")[2]
    return (Source(identity.arn, "boundary", name, versions.get(identity.boundary, policy.text), identity.boundary),)
