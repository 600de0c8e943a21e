"""Whether a role exists and lets a service of AWS assume it."""

from fnmatch import fnmatchcase
from typing import Any

from twin.world.refusals.identity import IAM_ARN
from twin.world.refusals.policies import listed, statements

ASSUME = "sts:assumerole"


def role_named(arn: str) -> Any:
    """Return the store's role of an ARN, of whichever account; None when there is none."""
    from twin.world.stores.moto_store import backends

    named = IAM_ARN.match(arn)
    iam = backends("iam")
    if named is None or named["account"] not in iam:
        return None
    return next((role for role in iam[named["account"]]["aws"].roles.values() if role.arn == arn), None)


def may_be_assumed_by(arn: str, service: str) -> bool:
    """Tell whether a role exists and trusts a service, conditions apart."""
    role = role_named(arn)
    return role is not None and any(_trusts(s, service) for s in statements(role.assume_role_policy_document or ""))


def _trusts(statement: dict[str, Any], service: str) -> bool:
    principal = statement.get("Principal")
    services = listed(principal.get("Service", [])) if isinstance(principal, dict) else []
    actions = [str(action).lower() for action in listed(statement.get("Action", []))]
    allowed = statement.get("Effect") == "Allow" and service in services
    return allowed and any(fnmatchcase(ASSUME, each) for each in actions)
