"""Only the tokens that are meant become a role: TW1009."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from twin.analysis.plan.case import Case
from twin.analysis.plan.conditions import Test, tests
from twin.analysis.plan.documents import documents, named
from twin.analysis.plan.finding import Finding, Level
from twin.resources.aws.policy_actions import allows
from twin.resources.aws.policy_principals import principals

RULE = "TW1009"
GITHUB = "token.actions.githubusercontent.com"
# Issuers whose tokens anybody can get: nothing but the subject tells whose they are.
SHARED = {
    GITHUB: "every repository on GitHub", "gitlab.com": "every project on GitLab",
    "app.terraform.io": "every workspace of HCP Terraform", "agent.buildkite.com": "every pipeline of Buildkite",
    "accounts.google.com": "every Google account", "graph.facebook.com": "every Facebook account",
    "www.amazon.com": "every Amazon account", "cognito-identity.amazonaws.com": "every Cognito identity pool",
}  # fmt: skip
# For these the audience (the application, the pool) is what tells tokens apart.
BY_AUDIENCE = ("accounts.google.com", "graph.facebook.com", "www.amazon.com", "cognito-identity.amazonaws.com")
AUDIENCES = {"graph.facebook.com": "app_id", "www.amazon.com": "app_id"}
_PROVIDER = re.compile(r"arn:[^:]*:iam::\d{12}:oidc-provider/(.+)")
_REPOSITORY = re.compile(r"repo:([^/:*?]+)/([^/:*?]+):(.+)")
_ORGANIZATION = re.compile(r"repo:([^/:*?]+)/.*")


class _Fault(NamedTuple):
    level: Level
    said: str
    mend: str
    about: str


def prove(case: Case) -> Iterator[Finding]:
    """Yield the trusts in web identities that take more tokens than one thing's."""
    for written in documents(case.planned, "trust"):
        for place, statement in written.statements:
            if statement.get("Effect") != "Allow" or not allows(statement, "sts:AssumeRoleWithWebIdentity"):
                continue
            one = written.declaration
            for kind, value in principals(statement):
                for fault in _faults(issuer(value), statement) if kind == "Federated" else ():
                    yield Finding(
                        RULE, fault.level, f"{one.address}: {fault.said} ({named(statement, place)})", one, "trust",
                        place, statement, fault.mend, f"{named(statement, place)} {fault.about}",
                    )  # fmt: skip


def issuer(principal: str) -> str:
    """Return the issuer of a federated principal, empty for one of SAML."""
    found = _PROVIDER.fullmatch(principal)
    return found[1] if found else "" if ":saml-provider/" in principal else principal


def _faults(host: str, statement: Mapping[str, Any]) -> Iterator[_Fault]:
    if not host:
        return
    audience = f"{host}:{AUDIENCES.get(host, 'aud')}".lower()
    listed = list(tests(statement))
    if not any(test.key == audience and _bound(test) for test in listed):
        level: Level = "error" if host in BY_AUDIENCE else "warning"
        who = f" by {SHARED[host]}" if host in BY_AUDIENCE else ""
        yield _Fault(
            level, f"the audience of tokens of {host} is not asked for, so the role can be taken{who} with tokens that "
            "were made for others", f'add {{"StringEquals": {{"{audience}": "…"}}}}', "audience",
        )  # fmt: skip
    if host in BY_AUDIENCE:
        return
    subjects = [test for test in listed if test.key == f"{host}:sub".lower()]
    bound = [test for test in subjects if _bound(test)]
    if not bound:
        yield _nobody(host, subjects)
        return
    worst = [fault for value in min((test.values for test in bound), key=_looseness) if (fault := _loose(host, value))]
    yield from worst


def _bound(test: Test) -> bool:
    return test.strict


def _nobody(host: str, subjects: list[Test]) -> _Fault:
    who = SHARED.get(host, f"everybody to whom {host} gives tokens")
    why = f"{subjects[0].operator} lets a missing or another subject pass" if subjects else "no subject is asked for"
    level: Level = "error" if host in SHARED else "warning"
    mend = f'add {{"StringEquals": {{"{host}:sub": "…"}}}} with the one subject that is meant'
    return _Fault(level, f"{who} can take this role: {why}", mend, "subject")


def _looseness(values: tuple[str, ...]) -> int:
    return sum(len(value) - len(value.rstrip("*")) + value.count("*") for value in values)


def _loose(host: str, value: str) -> _Fault | None:
    """Judge one pattern of a subject."""
    if not any(character in value for character in "*?"):
        return None
    if host != GITHUB:
        level: Level = "error" if host in SHARED and re.fullmatch(r"[^:]*:?[*?]*", value) else "warning"
        return _Fault(level, f"every subject of {host} like {value} can take this role", _exact(host), value)
    repository = _REPOSITORY.fullmatch(value)
    if repository:
        owner, name, rest = repository.groups()
        if not rest.strip("*"):
            said = f"every branch, tag, pull request and environment of {owner}/{name} can take this role"
            return _Fault("note", said, _exact(host), value)
        if rest.startswith("ref:refs/heads/") and not rest.removeprefix("ref:refs/heads/").strip("*"):
            return _Fault("note", f"every branch of {owner}/{name} can take this role", _exact(host), value)
        return None
    owned = _ORGANIZATION.fullmatch(value)
    if owned:
        said = f"repositories of {owned[1]} like {value} can take this role, whoever of it makes them"
        return _Fault("warning", said, _exact(host), value)
    said = f"{SHARED[GITHUB]} whose subject is like {value} can take this role, also those of strangers"
    return _Fault("error", said, _exact(host), value)


def _exact(host: str) -> str:
    if host == GITHUB:
        return (
            'name one branch or environment: "repo:OWNER/NAME:ref:refs/heads/main" or "repo:OWNER/NAME:environment:E"'
        )
    return "name the subject in full with StringEquals"
