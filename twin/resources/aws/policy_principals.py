"""The principals of resource and trust policies: their forms, whom they name, and whether that one exists."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from twin.resources.aws.facts import facts
from twin.resources.aws.policy_grammar import listed, statements
from twin.resources.resource import Peers, Problem
from twin.spec.suggest import suggestion

KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
ACCOUNT = re.compile(r"\d{12}")
IDENTITY = re.compile(
    r"arn:aws[a-z-]*:(?:iam::\d{12}:(?:root|user/[^*?]+|role/[^*?]+)|sts::\d{12}:(?:assumed-role|federated-user)/[^*?]+)"
)
IAM_IDENTITY = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(role|user)/(?:.*/)?([^/]+)")
UNIQUE_ID = re.compile(r"A(?:ROA|IDA)[A-Z0-9]{17}")
SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com(?:\.cn)?|[a-z0-9.-]+\.aws(?:\.internal)?")
PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(?:oidc|saml)-provider/\S+")


def principals(statement: Mapping[str, Any], element: str = "Principal") -> list[tuple[str, str]]:
    """Return whom a statement names as (kind, value); `*` alone is everybody, as ("AWS", "*")."""
    found = statement.get(element)
    if isinstance(found, str):
        return [("AWS", found)]
    if not isinstance(found, Mapping):
        return []
    return [(kind, str(value)) for kind, values in found.items() for value in listed(values)]


def malformed(policy: Any, field: str) -> Iterator[Problem]:
    """Yield statements without a principal and principals that AWS would not take (code MalformedPolicy)."""
    for number, statement in enumerate(statements(policy), 1):
        name = f"{field}: statement {statement.get('Sid') or number}"
        element = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
        if not principals(statement, element):
            yield Problem("TW0444", f"{name} names no principal", field)
        if isinstance(statement.get(element), str) and statement[element] != "*":
            yield Problem("TW0444", f"{name}: a principal that stands alone is *", field, 'write {"AWS": "…"}')
            continue
        for kind, value in principals(statement, element):
            message, help_ = _wrong(kind, value)
            if message:
                yield Problem("TW0444", f"{name}: {message}", field, help_)


def _wrong(kind: str, value: str) -> tuple[str | None, str | None]:
    if kind not in KINDS:
        return f"there is no kind of principal {kind!r}", suggestion(kind, KINDS)
    if "${" in value or value == "*":
        return None, None
    if kind == "AWS" and not (ACCOUNT.fullmatch(value) or IDENTITY.fullmatch(value) or UNIQUE_ID.fullmatch(value)):
        return f"{value!r} is no AWS principal", "it is *, an account id, or the ARN of a root, user, role or session"
    if kind == "Service" and not SERVICE.fullmatch(value):
        return f"{value!r} is no service principal", "as in ec2.amazonaws.com"
    issuers = facts("iam")["web_identity_issuers"]
    if kind == "Federated" and not PROVIDER.fullmatch(value) and value not in issuers:
        return f"{value!r} is no identity provider", f"it is a provider's ARN or one of {', '.join(issuers)}"
    return None, None


def _holders(peers: Peers) -> dict[tuple[str, str], str]:
    """Return the ARN of each desired role and user by its name in small letters."""
    return {
        (kind, resource.name.casefold()): dict(resource.predict(peers.scope))["arn"]  # type: ignore[attr-defined]
        for kind in ("role", "user")
        for _, resource in peers.of(f"aws.iam.{kind}")
    }


def absent(policy: Any, field: str, peers: Peers) -> Iterator[Problem]:
    """Yield principals that certainly do not exist: their name belongs to another identity of the account.

    Names of roles and of users are unique in an account in any letter case, so a desired identity of the same name
    and another ARN (its path, its spelling) proves that the principal's ARN is nobody's.
    """
    holders: dict[tuple[str, str], str] = {}  # filled for the first principal that asks for it, as few policies do
    for statement in statements(policy):
        for kind, value in principals(statement):
            match = IAM_IDENTITY.fullmatch(value) if kind == "AWS" else None
            if match is None or match[1] != peers.scope.account:
                continue
            holders = holders or _holders(peers)
            true = holders.get((match[2], match[3].casefold()))
            if true is not None and true != value and "${" not in true:
                yield Problem(
                    "TW0445", f"{field}: the principal {value} does not exist", field, f"the {match[2]}'s ARN is {true}"
                )
