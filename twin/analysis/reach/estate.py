"""The objects of an org, found by what the rules ask for."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from twin.observe.iam.org import Account, Door, Group, Identity, Managed, Member, Object, Point, Thing, account_of

EVERYONE = "*"
_AMAZONS = (":role/aws-service-role/", ":role/aws-reserved/")
_SESSION = re.compile(r"(arn:aws[a-z-]*):sts:(:\d{12}:)assumed-role/([^/]+)/.+")


def protected(arn: str) -> bool:
    """Return whether only AWS itself changes a role: service-linked ones, and those of IAM Identity Center.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    """
    return any(path in arn for path in _AMAZONS)


@lru_cache(maxsize=65536)
def named_in(trust: str) -> frozenset[str]:
    """Return whom the Allow statements of a resource's policy name: ARNs, accounts, services, or everyone.

    For a role's session it is the role, without its path.
    """
    found: set[str] = set()
    statements = json.loads(trust)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Effect"] != "Allow":
            continue
        principal = statement.get("Principal", EVERYONE)  # NotPrincipal: nearly everyone
        if isinstance(principal, str):
            found.add(EVERYONE)
            continue
        for values in principal.values():
            for value in [values] if isinstance(values, str) else values:
                session = _SESSION.fullmatch(value)
                named = f"{session[1]}:iam:{session[2]}role/{session[3]}" if session else value
                found.add(account_of(value) if value.endswith(":root") else named)
    return frozenset(found)


def pathless(arn: str) -> str:
    """Return a role's ARN without its path, as its sessions tell it; any other ARN as it is."""
    head, role, name = arn.partition(":role/")
    return f"{head}:role/{name.rpartition('/')[2]}" if role else arn


class Estate:
    """The index over the objects of an org."""

    def __init__(self, objects: Mapping[str, Object]) -> None:
        self.objects = objects
        self.accounts: dict[str, Account] = {}
        self.identities: dict[str, list[Identity]] = defaultdict(list)
        self.groups: dict[str, list[Group]] = defaultdict(list)
        self.managed: list[Managed] = []
        self.things: dict[str, list[Thing]] = defaultdict(list)
        self.points: dict[str, list[Point]] = defaultdict(list)
        self.shared: dict[str, list[Thing]] = defaultdict(list)
        self.trusting: dict[str, list[Identity]] = defaultdict(list)
        self.doors: dict[str, list[Door]] = defaultdict(list)
        self.members: dict[str, list[Member]] = defaultdict(list)
        for one in objects.values():
            self._file(one)

    def _file(self, one: Object) -> None:
        match one:
            case Account():
                self.accounts[one.id] = one
            case Identity():
                self.identities[account_of(one.arn)].append(one)
                for name in named_in(one.trust) if one.trust else ():
                    self.trusting[name].append(one)
            case Group():
                self.groups[account_of(one.arn)].append(one)
            case Managed():
                self.managed.append(one)
            case Thing():
                self.things[one.kind].append(one)
                if one.policy:
                    self.shared[one.kind].append(one)
            case Point():
                self.points[one.bucket].append(one)
            case Door():
                self.doors[one.holder].append(one)
            case Member():
                self.members[one.person].append(one)

    def trusted_by(self, names: Iterable[str]) -> list[Identity]:
        """Return the roles whose trust names any of the names, or everyone; each once."""
        found: dict[str, Identity] = {}
        for name in (*names, EVERYONE):
            found.update((role.arn, role) for role in self.trusting.get(name, ()))
        return list(found.values())

    def trusted_abroad(self, arn: str) -> bool:
        """Return whether a role of another account names a principal in its trust."""
        named = (*self.trusting.get(arn, ()), *self.trusting.get(pathless(arn), ()))
        return any(account_of(role.arn) != account_of(arn) for role in named)

    def all_identities(self) -> list[Identity]:
        """Return every user and role."""
        return [one for listed in self.identities.values() for one in listed]
