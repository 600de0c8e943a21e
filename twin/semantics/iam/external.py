"""Whom a resource's policy lets in from outside a zone of trust, as IAM Access Analyzer tells it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.*)?")
ARN_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):")
# Keys that tell who calls; with values inside the zone they keep everybody else out.
BY_ACCOUNT = {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount"}
BY_ARN = {"aws:principalarn", "aws:sourcearn"}
BY_ORG = {"aws:principalorgid", "aws:sourceorgid"}
EQUAL = re.compile(
    r"(?:foranyvalue:)?(?:stringequals|stringequalsignorecase|stringlike|arnequals|arnlike)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Zone:
    """Who is trusted: accounts, and the organization when the zone is one."""

    accounts: frozenset[str]
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What one principal outside may do: `principal` as ("AWS", "210987654321"), actions and conditions as written."""

    principal: tuple[str, str]
    actions: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]

    @property
    def public(self) -> bool:
        """Whether anybody may, without a condition."""
        return self.principal == ("AWS", "*") and not self.conditions


def external_access(document: Mapping[str, Any], zone: Zone) -> list[Access]:
    """Return what a policy allows from outside the zone; what an unconditional Deny for everybody takes is left out."""
    statements = _listed(document.get("Statement", []))
    denied = [s for s in statements if s.get("Effect") == "Deny" and _everyone(s) and not s.get("Condition")]
    denied += [s for s in statements if s.get("Effect") == "Deny" and _everyone(s) and _fences(s, zone)]
    blocked = {str(action).lower() for s in denied for action in _listed(s.get("Action", []))}
    found: list[Access] = []
    for statement in statements:
        if statement.get("Effect") != "Allow" or _inside(statement.get("Condition") or {}, zone):
            continue
        actions = tuple(str(a) for a in _listed(statement.get("Action", [])) if not _taken(str(a).lower(), blocked))
        if actions:
            conditions = tuple(sorted(_told(statement.get("Condition") or {})))
            found += [Access(who, actions, conditions) for who in _outsiders(statement, zone)]
    return found


def _taken(action: str, blocked: set[str]) -> bool:
    return any(re.fullmatch(re.escape(b).replace(r"\*", ".*").replace(r"\?", "."), action) for b in blocked)


def _outsiders(statement: Mapping[str, Any], zone: Zone) -> Iterator[tuple[str, str]]:
    if "NotPrincipal" in statement:
        yield ("AWS", "*")
        return
    principal = statement.get("Principal", {})
    if principal == "*":
        yield ("AWS", "*")
        return
    for kind, values in principal.items():
        for value in _listed(values):
            account = ACCOUNT.fullmatch(str(value))
            if kind == "Service" or (kind == "AWS" and account and account[1] in zone.accounts):
                continue
            yield (kind, str(value))


def _everyone(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, Mapping) and "*" in _listed(principal.get("AWS", [])))


def _fences(statement: Mapping[str, Any], zone: Zone) -> bool:
    """Tell whether a Deny holds for all outside: `StringNotEquals` on a key that tells who calls, values inside."""
    conditions = statement.get("Condition") or {}
    if len(conditions) != 1:
        return False
    ((operator, tests),) = conditions.items()
    plain = operator.lower().removesuffix("ifexists").replace("not", "", 1)
    return operator.lower() != plain and len(tests) == 1 and _inside({plain: tests}, zone)


def _inside(conditions: Mapping[str, Any], zone: Zone) -> bool:
    return any(
        EQUAL.fullmatch(operator) and all(_trusted(key.lower(), str(value), zone) for value in _listed(values))
        for operator, tests in conditions.items()
        for key, values in tests.items()
    )


def _trusted(key: str, value: str, zone: Zone) -> bool:
    if key in BY_ACCOUNT:
        return value in zone.accounts
    if key in BY_ARN:
        found = ARN_ACCOUNT.match(value)
        return bool(found and found[1] in zone.accounts)
    return key in BY_ORG and zone.organization is not None and value == zone.organization


def _told(conditions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for tests in conditions.values():
        for key, values in tests.items():
            yield key, ",".join(str(value) for value in _listed(values))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
