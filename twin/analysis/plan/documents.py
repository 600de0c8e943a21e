"""The policy documents of a plan: whose they are, of which kind, and their statements one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from twin.analysis.plan.planned import Planned
from twin.resources.aws.policy_grammar import statements
from twin.resources.declaration import Declaration, Path

Kind = Literal["identity", "resource", "trust"]
RESOURCES = ("aws.s3.bucket", "aws.sqs.queue", "aws.sns.topic", "aws.kms.key")
"""Types that hold a resource policy in the field `policy`."""


@dataclass(frozen=True)
class Written:
    """A policy document of the plan: the resource and field that hold it; `within` leads to it inside the field."""

    declaration: Declaration
    kind: Kind
    field: str
    within: Path
    document: Mapping[str, Any]

    @property
    def statements(self) -> list[tuple[Path, Mapping[str, Any]]]:
        """The statements, each with the way to it inside the field."""
        alone = not isinstance(self.document.get("Statement"), list)
        listed = enumerate(statements(self.document))
        return [((*self.within, "Statement", *(() if alone else (index,))), one) for index, one in listed]


def documents(planned: Planned, *kinds: Kind) -> Iterator[Written]:
    """Yield the documents of some kinds, references filled in."""
    for one, values in planned.of("aws.iam.policy", "aws.iam.role", "aws.iam.user", "aws.iam.group", *RESOURCES):
        if one.address.type == "aws.iam.role" and "trust" in kinds:
            yield Written(one, "trust", "trust", (), values["trust"])
        if one.address.type in RESOURCES and "resource" in kinds and values.get("policy"):
            yield Written(one, "resource", "policy", (), values["policy"])
        if "identity" not in kinds:
            continue
        if one.address.type == "aws.iam.policy":
            yield Written(one, "identity", "policy", (), values["policy"])
        for name, document in (values.get("inline") or {}).items():
            yield Written(one, "identity", "inline", (name,), document)


def named(statement: Mapping[str, Any], place: Path) -> str:
    """Name a statement as its reader would: by its Sid, else by its number from 1."""
    sid = statement.get("Sid")
    last = place[-1]
    return f"statement {sid}" if sid else f"statement {last + 1}" if isinstance(last, int) else "its statement"
