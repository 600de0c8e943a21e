"""The organization above the account: units, accounts and guardrails."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import document
from twin.blueprints.grants import written
from twin.resources.aws.organizations import Organization, Unit
from twin.resources.aws.organizations_account import Account
from twin.resources.aws.organizations_policy import ControlPolicy
from twin.resources.aws.organizations_rcp import ResourceControlPolicy
from twin.resources.aws.organizations_scp import ServiceControlPolicy
from twin.resources.declaration import Path

_KINDS: dict[str, type[ControlPolicy]] = {"principals": ServiceControlPolicy, "resources": ResourceControlPolicy}
ROOT = ref("aws.organizations.organization", "main", "root")


def build(blueprint: Blueprint) -> None:
    """Declare the organization and what is in it."""
    organization = blueprint.org.organization
    if organization is None:
        return
    at: Path = ("organization",)
    kinds = {guardrail.binds: _KINDS[guardrail.binds] for guardrail in organization.guardrails.values()}
    types = {"SERVICE_CONTROL_POLICY", *(kind.POLICY_TYPE for kind in kinds.values())}
    blueprint.add("main", Organization(policy_types=sorted(types)), at)
    for name, unit in organization.units.items():
        place: Path = (*at, "units", name)
        resource = Unit(name=name, parent=_node("unit", unit.parent))
        blueprint.add(name, resource, place, {"name": place, "parent": (*place, "parent")})
    for name, account in organization.accounts.items():
        place = (*at, "accounts", name)
        member = Account(name=f"{blueprint.scope.org}-{name}", email=account.email, parent=_node("unit", account.unit))
        blueprint.add(name, member, place, {"email": (*place, "email"), "parent": (*place, "unit")})
    for name, guardrail in organization.guardrails.items():
        place = (*at, "guardrails", name)
        statements = written(blueprint, guardrail.statements, (*place, "statements"))
        if guardrail.binds == "resources":
            statements = ({**statement, "Principal": "*"} for statement in statements)
        policy = _KINDS[guardrail.binds](
            name=blueprint.name(name),
            description=guardrail.description,
            policy=document(statements),
            targets=[_target(blueprint, target) for target in guardrail.attach],
        )
        places = {"policy": (*place, "statements"), "targets": (*place, "attach")}
        blueprint.add(name, policy, place, {**places, "description": (*place, "description")})


def _node(kind: str, name: str | None) -> str:
    return ref(f"aws.organizations.{kind}", name) if name else ROOT


def _target(blueprint: Blueprint, name: str) -> str:
    organization = blueprint.org.organization
    if name == "root" or organization is None:
        return ROOT
    return _node("unit" if name in organization.units else "account", name)
