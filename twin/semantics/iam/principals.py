"""The Principal and NotPrincipal elements: whom a statement of a resource's policy speaks of.

From "AWS JSON policy elements: Principal" and "…: NotPrincipal". How directly a statement names the caller matters in
the caller's own account: an account delegates to its identity policies; a role's ARN grants to the role, within the
limits of its boundary and session policy; a user, a session or everyone is granted to at once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from twin.semantics.iam.caller import Caller
from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.templates import Facts

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(:root)?")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)", re.DOTALL)
_UNIQUE_ID = re.compile(r"[A-Z0-9]{16,128}")
_KEYS = ("AWS", "Service", "Federated", "CanonicalUser")


class Grade(IntEnum):
    """How directly a statement names the caller."""

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


@dataclass(frozen=True, slots=True)
class Principals:
    """The principals that one element lists."""

    everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    roles: frozenset[tuple[str, str]]
    services: frozenset[str]
    federated: frozenset[str]

    def grade(self, caller: Caller, facts: Facts) -> Grade:
        """Return how directly the list names the caller."""
        if self.everyone:
            return Grade.DIRECT
        if caller.kind == "service":
            return Grade.DIRECT if caller.name in self.services or caller.name in self.federated else Grade.NONE
        if self.federated and self._federates(caller, facts):
            return Grade.DIRECT
        if caller.name in self.arns and caller.kind != "role":
            return Grade.DIRECT
        if caller.role is not None and self.roles and self._has_role(caller, facts):
            return Grade.ROLE
        if caller.account is not None and caller.account in self.accounts:
            return Grade.DIRECT if caller.kind == "root" else Grade.ACCOUNT
        return Grade.NONE

    def exempts(self, caller: Caller, facts: Facts) -> bool:
        """Return whether a Deny with this list as its NotPrincipal spares the caller.

        The account, the role and the session are each validated, so each must be listed.
        """
        if self.everyone:
            return True
        if caller.kind in ("service", "provider", "anonymous"):
            return self.grade(caller, facts) is Grade.DIRECT
        if caller.account not in self.accounts:
            return False
        if caller.kind == "root":
            return True
        if caller.role is not None and not self._has_role(caller, facts):
            return False
        return caller.kind == "role" or caller.name in self.arns

    def _federates(self, caller: Caller, facts: Facts) -> bool:
        return caller.name in self.federated or not self.federated.isdisjoint(facts.get("aws:federatedprovider", ()))

    def _has_role(self, caller: Caller, facts: Facts) -> bool:
        """Compare whole ARNs where the role's is known, else account and name, which is unique in an account."""
        if caller.role_arn is not None:
            return caller.role_arn in self.arns
        told = facts.get("aws:principalarn", ())
        if told and told != caller.facts["aws:principalarn"]:
            return told[0] in self.arns
        return (caller.account, caller.role) in self.roles


def compile_principals(element: str, written: Any) -> Principals:
    """Compile a Principal or NotPrincipal element; PolicyError names what is no principal."""
    if written == "*":
        return Principals(True, *(frozenset[Any]() for _ in range(5)))
    if not isinstance(written, Mapping) or not written:
        raise PolicyError('"*" or an object such as {"AWS": …} is wanted', element)
    lists = {key: _strings(element, key, values) for key, values in written.items()}
    accounts, arns, roles = set(), set(), set()
    for value in lists.get("AWS", ()):
        if (account := _ACCOUNT.fullmatch(value)) and value.startswith("arn:") == (account[2] is not None):
            accounts.add(account[1])
        elif value.startswith("arn:") and value.count(":") >= 5:
            arns.add(value)
            if role := _ROLE.fullmatch(value):
                roles.add((role[1], role[2]))
        elif value != "*" and not _UNIQUE_ID.fullmatch(value):
            raise PolicyError(f"{value!r} is no AWS principal", element)
    everyone = "*" in lists.get("AWS", ())
    named = (frozenset(lists.get(key, ())) for key in ("Service", "Federated"))
    return Principals(everyone, frozenset(accounts), frozenset(arns), frozenset(roles), *named)


def _strings(element: str, key: str, values: Any) -> list[str]:
    if key not in _KEYS:
        raise PolicyError(f"{key} is no kind of principal; {', '.join(_KEYS)} are", element)
    listed = values if isinstance(values, list) else [values]
    if not all(isinstance(value, str) for value in listed):
        raise PolicyError(f"{key} wants strings", element)
    return listed
