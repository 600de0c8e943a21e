"""What IAM refuses about things that are not there, or are still in use.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html
"""

import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

SERVICE = re.compile(r"[\w.-]+\.amazonaws\.com(?:\.cn)?")
RESERVED = "Caller is not allowed to add a system tag: tag keys that begin with aws: are reserved."


@refuses("iam", "DeleteGroup")
def group_is_bare(asked: Asked) -> None:
    """A group goes when nobody is in it and no policy hangs on it."""
    group = asked.state().groups.get(asked.parameters.get("GroupName"))
    if group is None:
        return
    if group.users:
        raise _conflict("must remove users from group first.")
    if group.managed_policies:
        raise _conflict("must detach all policies first.")
    if group.policies:
        raise _conflict("must delete policies first.")


@refuses("iam", "DeleteAccountAlias")
def alias_is_there(asked: Asked) -> None:
    """An alias that goes is the account's."""
    name = asked.parameters.get("AccountAlias")
    if name not in asked.state().account_aliases:
        raise _none(f"The Account Alias {name} cannot be found.")


@refuses("iam", "EnableMFADevice")
def device_is_there(asked: Asked) -> None:
    """A device that is switched on was made."""
    serial = str(asked.parameters.get("SerialNumber"))
    if serial.startswith("arn:") and serial not in asked.state().virtual_mfa_devices:
        raise _none(f"MFA Device with serial number {serial} does not exist.")


@refuses("iam", "ListEntitiesForPolicy")
def policy_is_there(asked: Asked) -> None:
    """A policy whose entities are asked for is there."""
    arn = str(asked.parameters.get("PolicyArn"))
    if ":aws:policy/" not in arn and arn not in asked.state().managed_policies:
        raise _none(f"Policy {arn} was not found.")


@refuses("iam", "DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary")
def boundary_is_there(asked: Asked) -> None:
    """A boundary that is taken away was set."""
    state, given = asked.state(), asked.parameters
    held: Any = next((one for one in state.roles.values() if one.name == given.get("RoleName")), None)
    if "UserName" in given:
        held = state.users.get(given["UserName"])
    if held is not None and not getattr(held, "permissions_boundary_arn", getattr(held, "permissions_boundary", None)):
        kind, name = ("user", given["UserName"]) if "UserName" in given else ("role", given.get("RoleName"))
        raise _none(f"The {kind} with name {name} does not have a permissions boundary.")


@refuses("iam", "TagRole", "TagUser", "TagPolicy", "CreateRole", "CreateUser", "CreatePolicy")
def tags_of_ones_own(asked: Asked) -> None:
    """AWS's own prefix is kept for its tags."""
    if any(str(tag.get("Key")).lower().startswith("aws:") for tag in asked.parameters.get("Tags") or ()):
        raise Refusal("InvalidInput", RESERVED)


@refuses("iam", "CreateServiceLinkedRole")
def service_of_a_role(asked: Asked) -> None:
    """A service-linked role is for a service, and is made once."""
    name = str(asked.parameters.get("AWSServiceName"))
    if not SERVICE.fullmatch(name):
        raise Refusal("InvalidInput", f"Service role name {name} is not a valid AWS service name.")
    taken = [one for one in asked.state().roles.values() if one.path == f"/aws-service-role/{name}/"]
    if taken and not asked.parameters.get("CustomSuffix"):
        raise Refusal("InvalidInput", f"Service role name {taken[0].name} has been taken in this account, please try a "
                      "different suffix.")  # fmt: skip


def _none(message: str) -> Refusal:
    return Refusal("NoSuchEntity", message, 404)


def _conflict(message: str) -> Refusal:
    return Refusal("DeleteConflict", f"Cannot delete entity, {message}", 409)
