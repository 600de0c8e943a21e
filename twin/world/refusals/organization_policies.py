"""What Organizations refuses about who attaches which policy, and who lists.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
"""

from collections.abc import Iterator
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"
EVERYTHING = "p-RCPFullAWSAccess"
LISTS = (
    "ListAccounts", "ListRoots", "ListPolicies", "ListOrganizationalUnitsForParent", "ListAccountsForParent",
    "ListCreateAccountStatus", "ListHandshakesForOrganization",
)  # fmt: skip


@refuses("organizations", "AttachPolicy")
def attached_once(asked: Asked) -> None:
    """A policy is attached to a target once."""
    policy = _policy(asked)
    if policy is not None and any(target.id == asked.parameters.get("TargetId") for target in policy.attachments):
        message = "The selected policy is already attached to the specified target."
        raise Refusal("DuplicatePolicyAttachmentException", message)


@refuses("organizations", "AttachPolicy")
def of_an_enabled_type(asked: Asked) -> None:
    """A type of policies is switched on in the root before one of them is attached."""
    policy = _policy(asked)
    roots = [unit for unit in asked.state().ou if hasattr(unit, "policy_types")]
    enabled = {kind["Type"] for root in roots for kind in root.policy_types}
    if policy is not None and roots and policy.type not in enabled:
        message = "This operation can be performed only for enabled policy types."
        raise Refusal("PolicyTypeNotEnabledException", message)


@refuses("organizations", "CreateOrganizationalUnit")
def unit_of_its_own_name(asked: Asked) -> None:
    """A unit has a parent that is there, which has no other unit of its name."""
    parent, name = asked.parameters.get("ParentId"), asked.parameters.get("Name")
    units = asked.state().ou
    if units and not any(unit.id == parent for unit in units):
        raise Refusal("ParentNotFoundException", "You specified parent that doesn't exist.")
    if any((unit.parent_id, unit.name) == (parent, name) for unit in units):
        raise Refusal("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")


@refuses("organizations", "RemoveAccountFromOrganization", "LeaveOrganization")
def management_account_stays(asked: Asked) -> None:
    """The management account leaves no organization but by deleting it."""
    state = asked.state()
    named = asked.parameters.get("AccountId") or asked.call.account
    if state.org is not None and named == state.org.master_account_id:
        message = "You can't remove a management account from an organization."
        raise Refusal("MasterCannotLeaveOrganizationException", message)


@refuses("organizations", "DetachPolicy")
def last_one_stays(asked: Asked) -> None:
    """Of service control policies each target keeps one; RCPFullAWSAccess stays everywhere.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
    """
    policy, wanted = _policy(asked), asked.parameters.get("TargetId")
    if policy is not None and policy.id == EVERYTHING:
        raise Refusal("ConstraintViolationException", f"You cannot detach the policy {EVERYTHING}.")
    if policy is None or policy.type != SERVICE_CONTROL:
        return
    target = next((each for each in _targets(asked.state()) if each.id == wanted), None)
    if target is None:
        return
    held = [each for each in target.attached_policies if each.type == SERVICE_CONTROL]
    if held == [policy]:
        raise Refusal(
            "ConstraintViolationException",
            "You cannot remove the last policy attached to the specified target. You must have at least one attached "
            "at all times.",
        )


@refuses("organizations", *LISTS)
def lists_are_the_management_accounts(asked: Asked) -> None:
    """A member account does not list the organization, unless it is a delegated administrator."""
    from twin.world.stores.moto_store import backends

    account = asked.call.account
    for owner, partitions in backends("organizations").items():
        state = partitions["aws"]
        member = state.org is not None and owner != account and any(each.id == account for each in state.accounts)
        if member and all(each.account.id != account for each in state.admins):
            message = "You don't have permissions to access this resource."
            raise Refusal("AccessDeniedException", message)


@refuses("organizations", "DeleteOrganizationalUnit")
def unit_is_empty(asked: Asked) -> None:
    """A unit goes when neither accounts nor units are in it."""
    wanted, state = asked.parameters.get("OrganizationalUnitId"), asked.state()
    if any(getattr(each, "parent_id", None) == wanted for each in _targets(state)):
        message = (
            "The specified OU is not empty. Move all accounts to another root or to other OUs, or remove all child "
        )
        raise Refusal("OrganizationalUnitNotEmptyException", f"{message}OUs, and try the operation again.")


def _policy(asked: Asked) -> Any:
    wanted = asked.parameters.get("PolicyId")
    return next((each for each in asked.state().policies if each.id == wanted), None)


def _targets(state: Any) -> Iterator[Any]:
    yield from state.ou
    yield from state.accounts
