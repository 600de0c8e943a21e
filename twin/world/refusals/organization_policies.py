"""What Organizations refuses about who attaches which policy, and who lists.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
"""

from collections.abc import Iterator
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"
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


@refuses("organizations", "DetachPolicy")
def last_one_stays(asked: Asked) -> None:
    """Of service control policies each target keeps one."""
    policy, wanted = _policy(asked), asked.parameters.get("TargetId")
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


def _policy(asked: Asked) -> Any:
    wanted = asked.parameters.get("PolicyId")
    return next((each for each in asked.state().policies if each.id == wanted), None)


def _targets(state: Any) -> Iterator[Any]:
    yield from state.ou
    yield from state.accounts
