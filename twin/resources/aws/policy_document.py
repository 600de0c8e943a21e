"""Checks over IAM policy documents, for the resource types that hold one, and what a document grants."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from twin.resources.aws.facts import facts
from twin.resources.aws.policy_actions import allows, unknown_actions
from twin.resources.aws.policy_grammar import grammar, listed, smallest_size, statements
from twin.resources.aws.policy_principals import absent, malformed, principals
from twin.resources.canonical import text
from twin.resources.reference import unknown, whole
from twin.resources.resource import Peers, Problem, Resource

ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


def identity_policy(policy: Any, field: str, limit: int) -> Iterator[Problem]:
    """Check a policy that is attached to an identity: it names resources and no principal."""
    found = list(grammar(policy, field))
    yield from found
    if found:
        return
    for number, statement in enumerate(statements(policy), 1):
        name = f"{field}: statement {statement.get('Sid') or number}"
        if "Principal" in statement or "NotPrincipal" in statement:
            yield Problem("TW0444", f"{name}: a policy of an identity names no principal", field)
        if "Resource" not in statement and "NotResource" not in statement:
            yield Problem("TW0441", f"{name} names no resource", field)
    yield from unknown_actions(policy, field)
    yield from _characters(policy, field)
    yield from too_long(policy, field, limit)


def trust_policy(policy: Any, field: str, peers: Peers) -> Iterator[Problem]:
    """Check who may assume a role: principals, no resource, and a subject where GitHub's tokens are trusted."""
    found = list(grammar(policy, field))
    yield from found
    if found:
        return
    for statement in statements(policy):
        if "Resource" in statement or "NotResource" in statement:
            yield Problem("TW0441", f"{field}: a trust policy names no resource", field)
        for action in listed(statement.get("Action")) + listed(statement.get("NotAction")):
            if not action.lower().startswith("sts:"):
                yield Problem("TW0441", f"{field}: a trust policy allows actions of sts only, not {action!r}", field)
    yield from malformed(policy, field)
    yield from absent(policy, field, peers)
    yield from unknown_actions(policy, field)
    yield from _without_subject(policy, field, peers)
    yield from _characters(policy, field)
    yield from too_long(policy, field, facts("iam")["trust_policy_size"])


def resource_policy(policy: Any, field: str, limit: int, peers: Peers) -> Iterator[Problem]:
    """Check a policy that is attached to a resource: it names principals."""
    found = list(grammar(policy, field))
    yield from found
    if found:
        return
    for number, statement in enumerate(statements(policy), 1):
        if "Resource" not in statement and "NotResource" not in statement:
            yield Problem("TW0441", f"{field}: statement {statement.get('Sid') or number} names no resource", field)
    yield from malformed(policy, field)
    yield from absent(policy, field, peers)
    yield from unknown_actions(policy, field)
    yield from too_long(policy, field, limit)


def too_long(policy: Any, field: str, limit: int) -> Iterator[Problem]:
    """Check a document's size, counted without white space."""
    size = smallest_size(policy)
    if size > limit:
        yield Problem("TW0443", f"{field} has {size:,} characters; {limit:,} are allowed", field)


def _characters(policy: Any, field: str) -> Iterator[Problem]:
    """IAM keeps tabs, line ends and the characters from U+0020 to U+00FF; its Sids are of letters and digits."""
    for sid in (str(statement.get("Sid", "")) for statement in statements(policy)):
        if not re.fullmatch(r"[A-Za-z0-9]*", sid):
            yield Problem("TW0441", f"{field}: Sid {sid!r} has something besides letters and digits", field)
    strange = sorted({c for c in text(policy) if c > "\u00ff" or (c < " " and c not in "\t\n\r")})
    if strange:
        yield Problem("TW0441", f"{field}: IAM documents have no character {strange[0]!r}", field)


def _without_subject(policy: Any, field: str, peers: Peers) -> Iterator[Problem]:
    """GitHub's provider signs for every repository there is, so IAM wants a condition on the token's subject."""
    issuer = facts("iam")["github_issuer"]
    for statement in statements(policy):
        if statement.get("Effect") != "Allow" or not allows(statement, "sts:AssumeRoleWithWebIdentity"):
            continue
        named = [value for kind, value in principals(statement) if kind == "Federated"]
        if not any(_is_provider(value, issuer, peers) for value in named):
            continue
        condition = statement.get("Condition") or {}
        subjects = [
            value
            for operator in ("StringEquals", "StringLike", "StringEqualsIgnoreCase")
            for key, values in condition.get(operator, {}).items()
            if key.lower() == f"{issuer}:sub"
            for value in listed(values)
        ]
        if not subjects or any(str(value).strip("*?") == "" for value in subjects):
            yield Problem(
                "TW0447",
                f"{field}: any repository on GitHub could assume this role, the token's subject is not restricted",
                field,
                f'add {{"StringLike": {{"{issuer}:sub": "repo:ORG/REPO:*"}}}} to the condition',
            )


def _is_provider(value: str, issuer: str, peers: Peers) -> bool:
    desired = peers.get(value)
    return issuer in (str(getattr(desired, "url", "")) if desired else value)


def trusts(peers: Peers, value: Any, service: str) -> bool | None:
    """Tell whether the role that a field refers to (by reference, name or ARN) lets a service principal assume it.

    None when the role is not among the desired ones or its trust is not known yet.
    """
    trust = getattr(_role(peers, value), "trust", None)
    if trust is None:
        return None
    uncertain = False
    for statement in statements(trust):
        named = [p for kind, p in principals(statement) if kind == "Service"]
        if statement.get("Effect") == "Allow" and any(allows(statement, action) for action in ASSUME):
            if service in named or ("AWS", "*") in principals(statement):
                return True
            uncertain = uncertain or any(unknown(p) for p in named)
    return None if uncertain else False


def untrusting(peers: Peers, value: Any, service: str, field: str) -> Iterable[Problem]:
    """Yield a problem when the role in `field` certainly cannot be assumed by the service that needs it."""
    if trusts(peers, value, service) is False:
        role = whole(value)
        yield Problem(
            "TW0446",
            f"{field}: {role.address if role else value} does not trust {service}, which has to assume it",
            field,
            f'its trust needs {{"Principal": {{"Service": "{service}"}}, "Action": "sts:AssumeRole"}}',
        )


def _role(peers: Peers, value: Any) -> Resource | None:
    desired = peers.get(value)
    if desired is not None:
        return desired if desired.TYPE == "aws.iam.role" else None
    for _, role in peers.of("aws.iam.role"):
        if value in (dict(role.predict(peers.scope)).get("arn"), getattr(role, "name", None)):
            return role
    return None


def grants(policy: Any, principal: str, action: str) -> bool:
    """Tell whether some Allow statement gives an action to a principal or to everybody, whatever its conditions."""
    return any(
        statement.get("Effect") == "Allow"
        and allows(statement, action)
        and any(value in (principal, "*") for _, value in principals(statement))
        for statement in statements(policy)
    )
