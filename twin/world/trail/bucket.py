"""What S3 says when CloudTrail writes a log file into a trail's bucket."""

from collections.abc import Callable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from twin.world.refusals.policies import listed, statements
from twin.world.stores.moto_store import backends

SERVICE = "cloudtrail.amazonaws.com"


def _glob(value: str, wanted: str) -> bool:
    # A policy knows `*` and `?` only.
    return fnmatchcase(value, wanted.replace("[", "[[]"))


TESTS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda value, wanted: value == wanted,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": _glob,
    "arnequals": _glob,
    "arnlike": _glob,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
}


class Refused(Exception):
    """S3 does not take the file; its text is the error's code."""


def write(trail: Any, key: str, *, body: bytes, time: datetime) -> str:
    """Put a log file as the service itself and return the bucket's account; Refused when S3 would not take it."""
    account, state = _owner(trail.bucket_name)
    bucket = state.buckets[trail.bucket_name]
    _allowed(bucket, key, trail)
    master = _master_key(trail)
    encrypted = {"encryption": "aws:kms", "kms_key_id": master} if master else {}
    kept = state.put_object(trail.bucket_name, key, body, disable_notification=True, **encrypted)
    kept.last_modified = time.replace(tzinfo=None)
    kept.set_metadata({"Content-Type": "application/json", "Content-Encoding": "gzip"}, replace=True)
    return account


def _owner(name: str) -> tuple[str, Any]:
    for account, held in backends("s3").items():
        if name in held["aws"].buckets:
            return account, held["aws"]
    raise Refused("NoSuchBucket")


def _allowed(bucket: Any, key: str, trail: Any) -> None:
    resource = f"arn:aws:s3:::{trail.bucket_name}/{key}"
    context = {
        "s3:x-amz-acl": "bucket-owner-full-control",
        "aws:sourcearn": trail.arn,
        "aws:sourceaccount": trail.account_id,
        "aws:securetransport": "true",
        "aws:principalisawsservice": "true",
        "aws:principalservicename": SERVICE,
    }
    effects = {s.get("Effect") for s in _matching(bucket.policy or b"", resource, context)}
    if effects != {"Allow"}:
        raise Refused("AccessDenied")


def _matching(policy: str | bytes, resource: str, context: dict[str, str]) -> Iterator[dict[str, Any]]:
    for statement in statements(policy):
        actions = [str(action).lower() for action in listed(statement.get("Action", []))]
        resources = [str(covered) for covered in listed(statement.get("Resource", []))]
        if (
            _names_service(statement.get("Principal"))
            and any(_glob("s3:putobject", action) for action in actions)
            and any(_glob(resource, covered) for covered in resources)
            and _holds(statement.get("Condition") or {}, context, unknown=statement.get("Effect") == "Deny")
        ):
            yield statement


def _names_service(principal: Any) -> bool:
    if not isinstance(principal, dict):
        return bool(principal == "*")
    return SERVICE in listed(principal.get("Service", [])) or "*" in listed(principal.get("AWS", []))


def _holds(conditions: dict[str, Any], context: dict[str, str], *, unknown: bool) -> bool:
    """Judge conditions on what CloudTrail's request says; `unknown` is the result of an operator not known here."""
    return all(
        _test(operator.lower(), context.get(key.lower()), [str(w) for w in listed(wanted)], unknown=unknown)
        for operator, tests in conditions.items()
        for key, wanted in tests.items()
    )


def _test(operator: str, value: str | None, wanted: list[str], *, unknown: bool) -> bool:
    if operator == "null":
        return any((value is None) == (w.lower() == "true") for w in wanted)
    absent_holds = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    negated = "not" in operator
    test = TESTS.get(operator.replace("not", "", 1))
    if test is None:
        return unknown
    if value is None:
        return negated or absent_holds
    met = any(test(value, w) for w in wanted)
    return not met if negated else met


def _master_key(trail: Any) -> str | None:
    if not trail.kms_key_id:
        return None
    for held in backends("kms").values():
        for backend in held.values():
            found = backend.keys.get(str(trail.kms_key_id).rpartition("/")[2])
            if found is not None:
                if found.key_state != "Enabled":
                    raise Refused("KMS.DisabledException")
                return str(trail.kms_key_id)
    raise Refused("KMS.NotFoundException")
