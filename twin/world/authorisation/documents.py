"""Policy documents of the store, each compiled once and known by its text."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from twin.semantics.iam import Policy, PolicyError, compile_policy
from twin.semantics.iam.policy import Kind
from twin.world.aws_errors import AwsError


@dataclass(frozen=True, slots=True)
class Document:
    """A compiled policy; `everything`: it allows all without a condition, `denies`: it has a Deny.

    `about_tags`: it asks for the tags of the resource, which are looked up only then.
    """

    policy: Policy
    everything: bool
    denies: bool
    about_tags: bool


@lru_cache(maxsize=16384)
def read(text: str | bytes, kind: Kind) -> Document:
    """Compile a document; one that the decision procedure cannot read is refused by name, not taken for none."""
    try:
        written = json.loads(text)
        policy = compile_policy(written, kind)
    except (PolicyError, ValueError) as wrong:
        raise AwsError(
            "TwinUnreadablePolicy", f"The twin cannot read a policy ({kind}) of this call: {wrong}"
        ) from wrong
    listed = written["Statement"] if isinstance(written["Statement"], list) else [written["Statement"]]
    words = (text if isinstance(text, str) else text.decode()).lower()
    return Document(
        policy,
        any(_everything(statement) for statement in listed),
        any(statement["Effect"] == "Deny" for statement in listed),
        "resourcetag/" in words or "existingobjecttag/" in words,
    )


def _everything(statement: dict[str, Any]) -> bool:
    def holds_star(element: str) -> bool:
        value = statement.get(element)
        return value == "*" or (isinstance(value, list) and "*" in value)

    return (
        statement["Effect"] == "Allow"
        and holds_star("Action")
        and holds_star("Resource")
        and not statement.get("Condition")
    )
