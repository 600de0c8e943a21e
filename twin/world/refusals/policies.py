"""Reading a resource policy: its statements, whom it lets in, what it covers."""

import json
import re
from collections.abc import Iterator
from typing import Any

# A condition on one of these with a fixed value makes a policy non-public:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
NARROWING = {
    "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:userid",
    "aws:sourceip", "aws:principalorgid", "aws:principalaccount", "aws:principalarn", "aws:vpcsourceip",
    "aws:sourceorgid", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
}  # fmt: skip
NEGATED = re.compile(r"not|ifexists", re.IGNORECASE)


def statements(document: str | bytes) -> Iterator[dict[str, Any]]:
    """Yield the statements of a policy document; nothing when it is no JSON object."""
    try:
        policy = json.loads(document)
    except ValueError:
        return
    found = policy.get("Statement", []) if isinstance(policy, dict) else []
    yield from (s for s in listed(found) if isinstance(s, dict))


def listed(value: Any) -> list[Any]:
    """Return a value that a policy may give alone or in a list, as a list."""
    return value if isinstance(value, list) else [value]


def is_public(statement: dict[str, Any]) -> bool:
    """Tell whether a statement lets in anybody."""
    if statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    anyone = principal == "*" or (isinstance(principal, dict) and "*" in listed(principal.get("AWS", [])))
    return anyone and not _narrowed(statement.get("Condition", {}))


def _narrowed(conditions: dict[str, Any]) -> bool:
    for operator, tests in conditions.items():
        if NEGATED.search(operator):
            continue
        for key, values in tests.items():
            fixed = all(not _open(key.lower(), str(value)) for value in listed(values))
            if key.lower() in NARROWING and fixed:
                return True
    return False


def _open(key: str, value: str) -> bool:
    if key == "aws:sourceip":
        return value in ("0.0.0.0/0", "::/0")
    if key == "aws:sourcearn":
        return value.count(":") < 5 or "*" in value.split(":")[4]
    return "*" in value or "?" in value
