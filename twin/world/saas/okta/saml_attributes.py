"""What an assertion tells an app of a user: the name it knows the user by, and the attributes that were configured.

https://help.okta.com/en-us/content/topics/apps/define-attribute-statements.htm and, for the AWS app of the catalogue,
https://help.okta.com/en-us/content/topics/deploymentguides/aws/aws-configure-aws-app.htm
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.rule_expressions import ExpressionError, compile_value
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.okta.token_claims import groups_of

UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
AWS = "https://aws.amazon.com/SAML/Attributes/"
AWS_ACS, AWS_AUDIENCE = "https://signin.aws.amazon.com/saml", "urn:amazon:webservices"
PLACEHOLDER = re.compile(r"\$\{([\w.]+)\}")
FILTERS: dict[str, Callable[[str, str], bool]] = {
    "STARTS_WITH": str.startswith,
    "EQUALS": str.__eq__,
    "CONTAINS": str.__contains__,
    "REGEX": lambda name, form: re.fullmatch(form, name) is not None,
}


@dataclass(frozen=True, slots=True)
class Audience:
    """The service provider of an app: where it is reached, and how it wants the user named."""

    acs: str
    audience: str
    recipient: str
    destination: str
    name_format: str
    name_template: str
    context: str
    seconds: int
    sign_response: bool = True
    sign_assertion: bool = True


def audience_of(app: Record) -> Audience:
    """Return the service provider of a SAML app; those of the catalogue have theirs by themselves."""
    given = app["settings"].get("signOn") or {}
    acs = str(given.get("ssoAcsUrlOverride") or given.get("ssoAcsUrl") or AWS_ACS)
    return Audience(
        acs=acs,
        audience=str(given.get("audienceOverride") or given.get("audience") or AWS_AUDIENCE),
        recipient=str(given.get("recipientOverride") or given.get("recipient") or acs),
        destination=str(given.get("destinationOverride") or given.get("destination") or acs),
        name_format=str(given.get("subjectNameIdFormat") or UNSPECIFIED),
        name_template=str(given.get("subjectNameIdTemplate") or "${user.userName}"),
        context=str(given.get("authnContextClassRef") or CLASS),
        seconds=int(given.get("samlAssertionLifetimeSeconds") or 300),
        sign_response=bool(given.get("responseSigned", True)),
        sign_assertion=bool(given.get("assertionSigned", True)),
    )


def user_name(org: Org, app: Record, user: Record) -> str:
    """Return the name by which an app knows a user."""
    assigned = org.app_users[app["id"]].get(user["id"], {})
    return str(assigned.get("credentials", {}).get("userName") or user["profile"]["login"])


def filled(template: str, org: Org, app: Record, user: Record) -> str:
    """Return a template with the user's attributes in their places."""

    def value(found: re.Match[str]) -> str:
        path = found[1]
        if path in ("user.userName", "source.login"):
            return user_name(org, app, user)
        if path == "org.externalKey":
            return str(app["#external"])
        return str(user["profile"].get(path.partition(".")[2]) or "")

    return PLACEHOLDER.sub(value, template)


def attributes_of(org: Org, app: Record, user: Record) -> list[tuple[str, str, list[str]]]:
    """Return the attributes of an assertion: name, format of the name, values; those without a value are left out."""
    found = [(name, NAME_FORMAT, values) for name, values in _aws(org, app, user)]
    for statement in (app["settings"].get("signOn") or {}).get("attributeStatements") or ():
        told = _by_group(org, statement, user) if statement["type"] == "GROUP" else _by_value(org, statement, user)
        found.append((statement["name"], statement.get("namespace") or NAME_FORMAT, told))
    return [row for row in found if row[2]]


def _by_group(org: Org, statement: Record, user: Record) -> list[str]:
    matches = FILTERS[statement.get("filterType", "STARTS_WITH")]
    wanted = statement.get("filterValue", "")
    return sorted(name for name in groups_of(org, user).values() if matches(name, wanted))


def _by_value(org: Org, statement: Record, user: Record) -> list[str]:
    about: dict[str, Any] = {"profile": user["profile"], "groups": groups_of(org, user)}
    values = []
    for source in statement.get("values") or ():
        try:
            value = compile_value(source)(about)
        except (ExpressionError, TypeError, ValueError) as wrong:
            cause = f"{statement['name']}: {source}: {wrong}"
            raise OktaError("E0000001", "attributeStatements", causes=[cause]) from wrong
        values += [str(value)] if value not in (None, "") else []
    return values


def _aws(org: Org, app: Record, user: Record) -> list[tuple[str, list[str]]]:
    """Return what the catalogue's AWS app tells: the roles that the user's assignments name."""
    if app["name"] != "amazon_aws":
        return []
    settings = app["settings"]["app"]
    provider = str(settings.get("identityProviderArn") or "")
    account = provider.split(":")[4] if provider.count(":") >= 5 else ""
    names = {name for profile in _profiles(org, app, user) for name in _roles(profile)}
    arns = [name if name.startswith("arn:") else f"arn:aws:iam::{account}:role/{name}" for name in sorted(names)]
    return [
        (f"{AWS}Role", [f"{provider},{arn}" for arn in arns]),
        (f"{AWS}RoleSessionName", [user_name(org, app, user)]),
        (f"{AWS}SessionDuration", [str(settings.get("sessionDuration") or 3600)]),
    ]


def _profiles(org: Org, app: Record, user: Record) -> list[Record]:
    own = org.app_users[app["id"]].get(user["id"])
    groups = [row for group, row in org.app_groups[app["id"]].items() if user["id"] in org.members.get(group, {})]
    return [row.get("profile") or {} for row in [*([own] if own else []), *groups]]


def _roles(profile: Record) -> list[str]:
    single = [profile["role"]] if profile.get("role") else []
    return [str(name) for name in [*single, *(profile.get("samlRoles") or ())]]
