"""People who can change something have shown a second factor: TW1006."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.conditions import Test, tests
from twin.analysis.plan.documents import documents, named
from twin.analysis.plan.finding import Finding
from twin.analysis.plan.powers import changes_something
from twin.analysis.reach.subject import Node
from twin.resources.aws.policy_actions import allows
from twin.resources.aws.policy_grammar import listed, statements
from twin.resources.aws.policy_principals import principals
from twin.resources.declaration import Declaration, Path

RULE = "TW1006"
MFA = ("aws:multifactorauthpresent", "aws:multifactorauthage")
AWS_SIGN_IN = "https://signin.aws.amazon.com/saml"


def prove(case: Case) -> Iterator[Finding]:
    """Yield the roles that people take, and the users that are people, with power to change but no second factor."""
    for written in documents(case.planned, "trust"):
        for place, statement in written.statements:
            if _people_take(case, statement) and not _asked(statement) and _changes(case, written.declaration):
                yield _role(written.declaration, place, statement)
    machines = {values["user"] for _, values in case.planned.of("aws.iam.access_key")}
    for one, values in case.planned.of("aws.iam.user"):
        if values["name"] not in machines and _changes(case, one):
            yield Finding(
                RULE, "warning", f"{one.address} can change things without a second factor", one,
                mend='deny what is not needed to get one, as long as {"BoolIfExists": {"aws:MultiFactorAuthPresent": '
                '"false"}}; better: let people sign in through the workforce\'s apps', about="user",
            )  # fmt: skip
    yield from _federated(case)


def _people_take(case: Case, statement: Mapping[str, Any]) -> bool:
    """Return whether users of the plan's own accounts can take a role: the account is named, or one of them."""
    if statement.get("Effect") != "Allow" or not allows(statement, "sts:AssumeRole"):
        return False
    ours = case.planned.zone.accounts
    return any(
        value in ours
        or any(value in (f"arn:aws:iam::{a}:root",) or value.startswith(f"arn:aws:iam::{a}:user/") for a in ours)
        for kind, value in principals(statement)
        if kind == "AWS"
    )


def _asked(statement: Mapping[str, Any]) -> bool:
    return any(_demands(test) for test in tests(statement))


def _demands(test: Test) -> bool:
    if test.key == MFA[0]:
        return test.operator == "Bool" and test.values == ("true",)
    return test.key == MFA[1] and test.operator in ("NumericLessThan", "NumericLessThanEquals")


def _changes(case: Case, one: Declaration) -> bool:
    """Return whether a principal's policies allow a change to whoever comes without a second factor."""
    subject = case.reach.ways.subject(Node(case.planned.arn(one)))
    listed_all = [s for source in subject.identity for s in statements(json.loads(source.text))]
    if any(_guards(statement) for statement in listed_all):
        return False
    return any(s.get("Effect") == "Allow" and not _asked(s) and changes_something(s) for s in listed_all)


def _guards(statement: Mapping[str, Any]) -> bool:
    """Return whether a Deny takes everything, but for what gets a second factor, from those who have none."""
    if statement.get("Effect") != "Deny" or "*" not in listed(statement.get("Resource")):
        return False
    found = list(tests(statement))
    if (
        len(found) != 1
        or found[0].operator != "BoolIfExists"
        or found[0].key != MFA[0]
        or found[0].values != ("false",)
    ):
        return False
    return "NotAction" in statement or "*" in listed(statement.get("Action"))


def _role(one: Declaration, place: Path, statement: Mapping[str, Any]) -> Finding:
    return Finding(
        RULE, "warning", f"{one.address}: people take this role without a second factor, and it can change things "
        f"({named(statement, place)})", one, "trust", place, statement,
        'add {"Bool": {"aws:MultiFactorAuthPresent": "true"}} to its trust', named(statement, place),
    )  # fmt: skip


def _federated(case: Case) -> Iterator[Finding]:
    """Judge roles that people take through the workforce's app: there the identity provider asks for the factor."""
    lax = {
        one.address.name: one for one, values in case.planned.of("okta.authentication_policy") if _one_factor(values)
    }
    doors = (values for _, values in case.planned.of("okta.app_saml") if values.get("acs_url") == AWS_SIGN_IN)
    by = next((lax[door["authentication_policy"]] for door in doors if door.get("authentication_policy") in lax), None)
    for written in documents(case.planned, "trust") if by is not None else ():
        for place, statement in written.statements:
            saml = any(":saml-provider/" in value for kind, value in principals(statement) if kind == "Federated")
            if by is not None and saml and statement.get("Effect") == "Allow" and _changes(case, written.declaration):
                one = written.declaration
                yield Finding(
                    RULE, "warning", f"{one.address}: people take this role through an app that asks for one factor "
                    f"({by.address}), and it can change things", one, "trust", place, statement,
                    "ask for two factors in the sign-in policy of the app", named(statement, place),
                )  # fmt: skip


def _one_factor(values: Mapping[str, Any]) -> bool:
    return any(rule.get("access") == "ALLOW" and rule.get("factors") == "1FA" for rule in values.get("rules") or ())
