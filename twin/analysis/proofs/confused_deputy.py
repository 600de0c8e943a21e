"""No service acts for a stranger: TW1007."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.conditions import Test, fixed, tests
from twin.analysis.plan.documents import Written, documents, named
from twin.analysis.plan.finding import Finding
from twin.resources.aws.facts import facts
from twin.resources.aws.policy_principals import principals
from twin.resources.declaration import Path

RULE, SAYING = "TW1007", "services_that_say_for_whom"
SOURCES = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"}
# What a service says of the caller's own resource besides: CloudWatch Logs and CloudTrail write it into the
# encryption context, and that is what their pages ask for in key policies.
BESIDES = ("kms:encryptioncontext:", "kms:calleraccount")


def prove(case: Case) -> Iterator[Finding]:
    """Yield the statements that let a service in for whomever it acts."""
    for written in documents(case.planned, "resource", "trust"):
        for place, statement in written.statements:
            fixing = [test for test in tests(statement) if _fixes(test)]
            if statement.get("Effect") != "Allow" or any(not _of_a_bucket(test) for test in fixing):
                continue
            services = [value for kind, value in principals(statement) if kind == "Service"]
            if written.kind == "trust":
                services = [one for one in services if one in facts("iam")[SAYING]]
            if services:
                yield _finding(case, written, (place, statement, services), weak=bool(fixing))


def _fixes(test: Test) -> bool:
    known = test.key in SOURCES or test.key.startswith(BESIDES)
    return known and test.strict and all(fixed(value) for value in test.values)


def _of_a_bucket(test: Test) -> bool:
    """Return whether a source is named without its account, as a bucket is: its name may come to be another's."""
    return test.key == "aws:sourcearn" and any(value.startswith("arn:aws:s3:::") for value in test.values)


def _finding(case: Case, written: Written, what: tuple[Path, Mapping[str, Any], list[str]], *, weak: bool) -> Finding:
    place, statement, services = what
    one, who = written.declaration, ", ".join(services)
    does = "take this role" if written.kind == "trust" else "use it"
    why = ": its aws:SourceArn is a bucket's, which has no account in it" if weak else ""
    pages = facts("iam")[SAYING]
    notes = tuple(f"{name} says so: {pages[name]}" for name in services if name in pages)
    return Finding(
        RULE, "warning",
        f"{one.address}: {who} can be made to {does} on behalf of somebody else's resource ({named(statement, place)})"
        + why,
        one, written.field, place, statement,
        f'add {{"StringEquals": {{"aws:SourceAccount": "{case.planned.scope.account}"}}}}'
        + ("" if weak else ", or the aws:SourceArn of the one resource that it acts for"),
        f"{named(statement, place)} {who}", notes,
    )  # fmt: skip
