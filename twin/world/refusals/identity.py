"""What IAM refuses: documents and quotas."""

import json
import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
POLICY_CHARACTERS = 6144
ATTACHED = 10
WHITESPACE = re.compile(r"\s")
SERVICE = re.compile(r"(?:[a-z0-9-]+\.)+amazonaws\.com(?:\.cn)?$|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.aws\.internal$")
WEB_PROVIDERS = {"cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com", "graph.facebook.com"}
FEDERATED = re.compile(r"arn:aws[\w-]*:iam::\d{12}:(?:saml-provider|oidc-provider)/.+")
AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|AIDA\w+|AROA\w+|arn:aws[\w-]*:(?:iam::\d{12}:(?:root|user/.+|role/.+)|sts::\d{12}:[\w-]+/.+)"
)
IAM_ARN = re.compile(r"arn:aws:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?:.*/)?(?P<name>[^/]+)$")
COUNTED = {"AttachRolePolicy": ("roles", "RoleName", "Role"), "AttachUserPolicy": ("users", "UserName", "User"),
           "AttachGroupPolicy": ("groups", "GroupName", "Group")}  # fmt: skip


def malformed(message: str) -> Refusal:
    """Return the refusal of a policy document."""
    return Refusal("MalformedPolicyDocument", message)


@refuses("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust_document(asked: Asked) -> None:
    """A trust document names principals that exist and allows STS actions only."""
    text = asked.parameters.get("AssumeRolePolicyDocument") or asked.parameters.get("PolicyDocument") or ""
    try:
        document = json.loads(text)
    except ValueError:
        raise malformed("This policy contains invalid Json") from None
    if not isinstance(document, dict) or document.get("Version", "2008-10-17") not in ("2012-10-17", "2008-10-17"):
        raise malformed("The policy must contain a valid version string")
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not statements or not isinstance(statements, list):
        raise malformed("Syntax errors in policy.")
    for statement in statements:
        _trust_statement(asked, statement)


def _trust_statement(asked: Asked, statement: Any) -> None:
    if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
        raise malformed("Syntax errors in policy.")
    if "Resource" in statement or "NotResource" in statement:
        raise malformed("Has prohibited field Resource")
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise malformed("Missing required field Principal")
    actions = _listed(statement.get("Action", statement.get("NotAction", [])))
    if not actions:
        raise malformed("Missing required field Action")
    if any(not isinstance(action, str) or not action.lower().startswith("sts:") for action in actions):
        raise malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        raise malformed("Syntax errors in policy.")
    for kind, values in principal.items():
        for value in _listed(values):
            if not principal_exists(asked, kind, value):
                raise malformed(f'Invalid principal in policy: "{kind}":"{value}"')


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def principal_exists(asked: Asked, kind: str, value: Any) -> bool:
    """Tell whether a principal of a policy is one: well formed and, in the caller's account, there."""
    if not isinstance(value, str):
        return False
    if kind == "Service":
        return SERVICE.match(value) is not None
    if kind == "Federated":
        return value in WEB_PROVIDERS or FEDERATED.fullmatch(value) is not None
    if kind != "AWS":
        return kind == "CanonicalUser"
    if not AWS_PRINCIPAL.fullmatch(value):
        return False
    named = IAM_ARN.match(value)
    # Only our own account is ours to know; a role of another may exist.
    if named is None or named["account"] != asked.call.account:
        return True
    state = asked.state("iam")
    if named["kind"] == "user":
        return named["name"] in state.users
    return any(role.name == named["name"] for role in state.roles.values())


@refuses("iam", "CreatePolicy", "CreatePolicyVersion")
def policy_size(asked: Asked) -> None:
    """A managed policy has at most 6,144 characters, white space not counted."""
    if len(WHITESPACE.sub("", asked.parameters.get("PolicyDocument", ""))) > POLICY_CHARACTERS:
        raise Refusal("LimitExceeded", f"Cannot exceed quota for PolicySize: {POLICY_CHARACTERS}", 409)


@refuses("iam", *COUNTED)
def attached_policies(asked: Asked) -> None:
    """A role, user or group takes ten managed policies."""
    place, parameter, kind = COUNTED[asked.call.operation]
    wanted = asked.parameters.get(parameter)
    for owner in getattr(asked.state(), place).values():
        if owner.name == wanted:
            attached = owner.managed_policies
            if len(attached) >= ATTACHED and asked.parameters.get("PolicyArn") not in attached:
                raise Refusal("LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind}: {ATTACHED}", 409)
