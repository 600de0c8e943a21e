"""The organization above the account: units, accounts and guardrails."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import document
from twin.blueprints.grants import written
from twin.resources.aws.organizations import Organization, Unit
from twin.resources.aws.organizations_account import Account
from twin.resources.aws.organizations_scp import ServiceControlPolicy
from twin.resources.declaration import Path

ROOT = ref("aws.organizations.organization", "main", "root")


def build(blueprint: Blueprint) -> None:
    """Declare the organization and what is in it."""
    organization = blueprint.org.organization
    if organization is None:
        return
    at: Path = ("organization",)
    blueprint.add("main", Organization(policy_types=["SERVICE_CONTROL_POLICY"]), at)
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
        policy = ServiceControlPolicy(
            name=blueprint.name(name),
            description=guardrail.description,
            policy=document(written(blueprint, guardrail.statements, (*place, "statements"))),
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
