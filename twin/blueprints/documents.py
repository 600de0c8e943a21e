"""IAM policy documents and their statements, written the same way everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twin.resources.aws.facts import facts
from twin.resources.scope import Scope

Statement = dict[str, Any]
Document = dict[str, Any]
VERSION = "2012-10-17"


def document(statements: Iterable[Statement]) -> Document:
    """Return the policy document of these statements."""
    return {"Version": VERSION, "Statement": list(statements)}


def allow(actions: Sequence[str] | str, resources: Sequence[str] | str | None = None, **more: Any) -> Statement:
    """Return a statement that allows; `more` is what `statement` takes."""
    return statement("Allow", actions, resources, **more)


def deny(actions: Sequence[str] | str, resources: Sequence[str] | str | None = None, **more: Any) -> Statement:
    """Return a statement that denies; `more` is what `statement` takes."""
    return statement("Deny", actions, resources, **more)


def statement(
    effect: str,
    actions: Sequence[str] | str,
    resources: Sequence[str] | str | None = None,
    *,
    sid: str | None = None,
    to: Mapping[str, Any] | str | None = None,
    when: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """Return a statement; `to` is its principal (`{"Service": …}`) and `when` its condition."""
    parts = {
        "Sid": sid,
        "Effect": effect,
        "Principal": to,
        "Action": _listed(actions),
        "Resource": _listed(resources) if resources is not None else None,
        "Condition": {operator: dict(keys) for operator, keys in when.items()} if when else None,
    }
    return {name: part for name, part in parts.items() if part is not None}


def trust(service: str, when: Mapping[str, Mapping[str, Any]] | None = None) -> Document:
    """Return the trust policy of a role that one AWS service assumes."""
    tags = service in facts("iam")["services_that_tag_sessions"]
    actions = ["sts:AssumeRole", "sts:TagSession"] if tags else "sts:AssumeRole"
    return document([allow(actions, to={"Service": service}, when=when)])


def ours(service: str, scope: Scope) -> dict[str, dict[str, str]] | None:
    """Return the condition that a service takes a role for a resource of this account; None where it does not say."""
    says = service in facts("iam")["services_that_say_for_whom"]
    return {"StringEquals": {"aws:SourceAccount": scope.account}} if says else None


def tls_only(bucket: str) -> Statement:
    """Return the statement of a bucket policy that refuses requests without TLS."""
    return deny(
        "s3:*",
        [bucket, f"{bucket}/*"],
        sid="TlsOnly",
        to="*",
        when={"Bool": {"aws:SecureTransport": "false"}},
    )


def _listed(values: Sequence[str] | str) -> list[str] | str:
    """Leave one value standing alone, as IAM itself writes it."""
    if isinstance(values, str):
        return values
    return values[0] if len(values) == 1 else list(values)
