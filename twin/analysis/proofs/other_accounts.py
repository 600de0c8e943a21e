"""Other accounts get in only where the plan says so: TW1002, and TW1008 for roles without an external id."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.conditions import asks, tests
from twin.analysis.plan.documents import Written, documents, named
from twin.analysis.plan.finding import Finding
from twin.resources.aws.policy_principals import principals
from twin.resources.declaration import Path
from twin.semantics.iam.external import ACCOUNT, Zone, external_access

ENTRY, NO_EXTERNAL_ID = "TW1002", "TW1008"
# Conditions by which an account outside shows that it is still one of ours.
ORGANIZATION = ("aws:principalorgid", "aws:principalorgpaths")
_EXTERNAL_ID = "sts:externalid"


def prove(case: Case) -> Iterator[Finding]:
    """Yield the statements that let principals of other accounts in."""
    for written in documents(case.planned, "resource", "trust"):
        denies = [one for _, one in written.statements if one.get("Effect") == "Deny"]
        for place, statement in written.statements:
            if statement.get("Effect") != "Allow":
                continue
            found = external_access({"Statement": [*denies, statement]}, case.planned.zone)
            outside = [value for kind, value in (one.principal for one in found) if kind in ("AWS", "CanonicalUser")]
            outside = [value for value in outside if value != "*"] + _organizations(statement, case.planned.zone)
            if outside:
                yield _finding(written, (place, statement), tuple(dict.fromkeys(outside)))


def _organizations(statement: Mapping[str, Any], zone: Zone) -> list[str]:
    """Return the foreign organizations that a statement lets in together with everybody."""
    if ("AWS", "*") not in principals(statement):
        return []
    told = [value for test in asks(statement, *ORGANIZATION) for value in test.values]
    return [f"everybody of {value}" for value in told if value.partition("/")[0] != zone.organization]


def _called(principal: str) -> str:
    """Call a whole account by its number."""
    found = ACCOUNT.fullmatch(principal)
    whole = found is not None and (found[1] == principal or principal.endswith(":root"))
    return f"account {found[1]}" if found is not None and whole else principal


def _finding(written: Written, what: tuple[Path, Mapping[str, Any]], outside: tuple[str, ...]) -> Finding:
    place, statement = what
    one, who = written.declaration, ", ".join(map(_called, outside))
    about = f"{named(statement, place)} {', '.join(outside)}"
    if written.kind == "resource":
        return Finding(
            ENTRY, "warning", f"{one.address}: {who}, outside of this org, may use it ({named(statement, place)})", one,
            written.field, place, statement, "take the principal out, or waive this with the reason", about,
        )  # fmt: skip
    asked = [test for test in tests(statement) if test.key == _EXTERNAL_ID]
    inside = asks(statement, *ORGANIZATION)
    if any(test.strict and all("*" not in value for value in test.values) for test in asked) or inside:
        return Finding(
            ENTRY, "note", f"{one.address}: {who}, outside of this org, can take this role ({named(statement, place)})",
            one, written.field, place, statement, "waive this with the reason if it is meant", about,
        )  # fmt: skip
    weak = " (the one that is asked for is not fixed)" if asked else ""
    return Finding(
        NO_EXTERNAL_ID, "warning",
        f"{one.address}: {who} can take this role without an external id{weak}: whoever makes them act on their behalf "
        "gets in too", one, written.field, place, statement,
        'add {"StringEquals": {"sts:ExternalId": "…"}} with an id that the third party made for you, or a condition on '
        "aws:PrincipalOrgID if the account is yours", about,
    )  # fmt: skip
