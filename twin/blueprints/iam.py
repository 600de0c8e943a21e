"""AWS identities that are not people: groups, users with their keys, and the roles of services."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import Document, allow, document, ours, trust
from twin.blueprints.grants import attach
from twin.resources.aws.iam_access_key import AccessKey
from twin.resources.aws.iam_account_alias import AccountAlias
from twin.resources.aws.iam_group import Group
from twin.resources.aws.iam_instance_profile import InstanceProfile
from twin.resources.aws.iam_role import Role
from twin.resources.aws.iam_user import User
from twin.resources.aws.secretsmanager import Secret
from twin.resources.declaration import Path
from twin.resources.scope import Scope
from twin.spec.model.access import IamRole, IamUser

INSTANCES = "ec2.amazonaws.com"


def build(blueprint: Blueprint) -> None:
    """Declare the identities and the account's alias."""
    blueprint.add("main", AccountAlias(alias=blueprint.org.aws.alias), ("aws", "alias"), {"alias": ("aws", "alias")})
    iam = blueprint.org.iam
    for name, group in iam.groups.items():
        at: Path = ("iam", "groups", name)
        blueprint.add(name, Group(name=blueprint.name(name)), at, {"name": at})
        attach(blueprint, "group", name, group, at)
    for name, user in iam.users.items():
        _user(blueprint, name, user)
    for name, role in iam.roles.items():
        at = ("iam", "roles", name)
        trusted = _trust(role, blueprint.scope)
        resource = Role(
            name=blueprint.name(name),
            trust=trusted,
            description=role.description or "",
            max_session=int(role.session.total_seconds()),
        )
        places = {"trust": (*at, "service"), "description": (*at, "description"), "max_session": (*at, "session")}
        blueprint.add(name, resource, at, places)
        attach(blueprint, "role", name, role, at)
        if role.service == INSTANCES:
            profile = InstanceProfile(name=blueprint.name(name), role=ref("aws.iam.role", name))
            blueprint.add(name, profile, at)


def _trust(role: IamRole, scope: Scope) -> Document:
    """Return who may assume a role: a service, users of this spec, whoever another account lets."""
    service = role.service
    if service and not (role.users or role.accounts):
        return trust(service, ours(service, scope))
    arns = [ref("aws.iam.user", user, "arn") for user in role.users]
    arns += [f"arn:aws:iam::{account}:root" for account in role.accounts]
    shown = {"Bool": {"aws:MultiFactorAuthPresent": "true"}} if role.mfa else None
    given = allow("sts:AssumeRole", to={"AWS": arns[0] if len(arns) == 1 else arns}, when=shown)
    return document([*(trust(service, ours(service, scope))["Statement"] if service else ()), given])


def _user(blueprint: Blueprint, name: str, user: IamUser) -> None:
    """Declare a user; each access key goes into a secret of its own and is shown nowhere."""
    at: Path = ("iam", "users", name)
    groups = [ref("aws.iam.group", group) for group in user.groups]
    made = blueprint.add(name, User(name=blueprint.name(name), groups=groups), at, {"groups": (*at, "groups")})
    attach(blueprint, "user", name, user, at)
    for number in range(1, user.access_keys + 1):
        label = f"{name}-key" if number == 1 else f"{name}-key-{number}"
        secret = Secret(name=blueprint.name(label), description=f"Access key of the IAM user {blueprint.name(name)}")
        store = blueprint.add(label, secret, (*at, "access_keys"))
        blueprint.add(label, AccessKey(user=made.id, store=store.arn), (*at, "access_keys"))
