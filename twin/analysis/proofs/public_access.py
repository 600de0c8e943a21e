"""Nothing of the org is open to everybody: TW1001."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.conditions import broad, fixed, tests
from twin.analysis.plan.documents import Written, documents, named
from twin.analysis.plan.finding import Finding
from twin.semantics.iam.external import Zone, external_access

RULE = "TW1001"
# "The meaning of public" of S3's guide to block public access; the other services' pages name the same keys.
NARROWING = {
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourcearn",
    "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce",
    "aws:sourcevpcarn", "aws:vpcsourceip", "aws:userid", "kms:calleraccount", "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
}  # fmt: skip


def prove(case: Case) -> Iterator[Finding]:
    """Yield the statements that let everybody in, and buckets that access control lists can open."""
    for written in documents(case.planned, "resource", "trust"):
        values = case.planned.values(written.declaration)
        for place, statement in opened(written, case.planned.zone):
            if (values.get("public_access_block") or {}).get("restrict_public_buckets"):
                continue  # S3 keeps the public out whatever the policy says
            yield _finding(written, place, statement)
    for one, values in case.planned.of("aws.s3.bucket"):
        blocks = values["public_access_block"]
        listed = values.get("object_ownership") in ("ObjectWriter", "BucketOwnerPreferred")
        if listed and not (blocks["block_public_acls"] and blocks["ignore_public_acls"]):
            yield Finding(
                RULE, "warning", f"{one.address}: whoever puts an object into it can make that object public by its "
                "access control list", one, "object_ownership", about="acl",
                mend="leave `object_ownership` at BucketOwnerEnforced, or block public ACLs",
            )  # fmt: skip


def opened(written: Written, zone: Zone) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """Yield the statements of a document that let everybody in, whom no condition narrows."""
    denies = [one for _, one in written.statements if one.get("Effect") == "Deny"]
    for place, statement in written.statements:
        if statement.get("Effect") != "Allow" or narrowed(statement):
            continue
        found = external_access({"Statement": [*denies, statement]}, zone)
        if any(access.principal == ("AWS", "*") for access in found):
            yield place, statement


def narrowed(statement: Mapping[str, Any]) -> bool:
    """Return whether a condition fixes who may come."""
    for test in tests(statement):
        if not test.strict:
            continue
        if test.key == "aws:sourceip" and not any(broad(value) for value in test.values):
            return True
        if test.key in NARROWING and all(fixed(value) for value in test.values):
            return True
    return False


def _finding(written: Written, place: tuple[str | int, ...], statement: Mapping[str, Any]) -> Finding:
    one = written.declaration
    actions = statement.get("Action") or f"all but {statement.get('NotAction')}"
    shown = actions if isinstance(actions, str) else ", ".join(actions)
    if written.kind == "trust":
        message = f"{one.address}: everybody with an AWS account can take this role ({named(statement, place)})"
        mend = "name the principals that take it"
    else:
        message = f"{one.address}: everybody may {shown} ({named(statement, place)})"
        mend = "name the principals, or add a condition on aws:PrincipalOrgID or aws:SourceVpce with fixed values"
    if one.address.type == "aws.s3.bucket":
        mend = "leave `public_access_block` as it is (everything blocked), or " + mend
    return Finding(RULE, "error", message, one, written.field, place, statement, mend, about=named(statement, place))
