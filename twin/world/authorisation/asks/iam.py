"""IAM: entities by their whole ARNs, with the boundary, the policy or the service that a call is about."""

from typing import Any

from twin.world.authorisation.ask import Ask, Asking, Context, asks_of
from twin.world.authorisation.resources import published_asks
from twin.world.stores.moto_store import backends

# By the parameter that names an entity: where the store keeps it, and its kind in an ARN.
ENTITIES = {
    "UserName": ("users", "user"),
    "RoleName": ("roles", "role"),
    "GroupName": ("groups", "group"),
    "InstanceProfileName": ("instance_profiles", "instance-profile"),
}
# Operations of which a user who names nobody speaks of itself.
OWN = {"GetUser", "ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "ListMFADevices",
       "ListSigningCertificates", "ChangePassword", "ListSSHPublicKeys"}  # fmt: skip
# A list is asked for as the path of its kind.
LISTED = {"ListUsers": "user", "ListRoles": "role", "ListGroups": "group", "ListPolicies": "policy",
          "ListInstanceProfiles": "instance-profile"}  # fmt: skip
MEMBERS = {"AddUserToGroup", "RemoveUserFromGroup"}


@asks_of("iam")
def iam_asks(asking: Asking) -> list[Ask]:
    """Ask for the entity that a call names."""
    operation = asking.call.operation
    asks = published_asks(asking)
    context = _context(asking)
    named = [arn for name in ENTITIES if (arn := _entity(asking, name))]
    if operation in MEMBERS:
        named = named[1:]
    elif len(named) > 1:
        # A role in an instance profile: the profile is the resource, the role is passed.
        named = named[-1:]
    if not named and operation in OWN and asking.call.principal.kind == "user":
        named = [asking.call.principal.arn]
    if operation == "CreatePolicy":
        named = [f"arn:aws:iam::{asking.call.account}:policy{asking.text('Path') or '/'}{asking.text('PolicyName')}"]
    if operation == "CreateServiceLinkedRole":
        named = [f"arn:aws:iam::{asking.call.account}:role/aws-service-role/{asking.text('AWSServiceName')}/*"]
    if operation == "CreateOpenIDConnectProvider":
        named = [f"arn:aws:iam::{asking.call.account}:oidc-provider/{asking.text('Url').removeprefix('https://')}"]
    if operation in LISTED:
        named = [f"arn:aws:iam::{asking.call.account}:{LISTED[operation]}{asking.text('PathPrefix') or '/'}"]
    if operation == "GetAccessKeyLastUsed":
        named = [_owner(asking)]
    if not named or not asks:
        return [Ask(ask.action, ask.resource, context=context) for ask in asks]
    return [Ask(asks[0].action, arn, context=context) for arn in named]


def _entity(asking: Asking, parameter: str) -> str | None:
    name = asking.text(parameter)
    if not name:
        return None
    place, kind = ENTITIES[parameter]
    kept: Any = getattr(backends("iam")[asking.call.account]["aws"], place)
    found = next((each for each in kept.values() if each.name == name), None)
    if found is not None:
        return str(found.arn)
    return f"arn:aws:iam::{asking.call.account}:{kind}{asking.text('Path') or '/'}{name}"


def _owner(asking: Asking) -> str:
    key = backends("iam")[asking.call.account]["aws"].access_keys.get(asking.text("AccessKeyId"))
    return f"arn:aws:iam::{asking.call.account}:user/{key.user_name if key is not None else '*'}"


def _context(asking: Asking) -> Context:
    context: Context = {}
    if boundary := asking.text("PermissionsBoundary") or _kept_boundary(asking):
        context["iam:PermissionsBoundary"] = boundary
    if policy := asking.text("PolicyArn"):
        context["iam:PolicyARN"] = policy
    if service := asking.text("AWSServiceName"):
        context["iam:AWSServiceName"] = service
    return context


def _kept_boundary(asking: Asking) -> str | None:
    """Return the boundary of the entity whose permissions a call changes."""
    state = backends("iam")[asking.call.account]["aws"]
    if user := state.users.get(asking.text("UserName")):
        return getattr(user, "permissions_boundary_arn", None)
    role = next((r for r in state.roles.values() if r.name == asking.text("RoleName")), None)
    return role.permissions_boundary_arn if role is not None else None
