"""The administrator of an organization's hubs has members, whose findings it sees; new accounts may become some.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-accounts-orgs.html
"""

from typing import Any

from twin.world.authorisation.organization import management_of
from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows
from twin.world.behaviors.securityhub_administrators import accounts_of, members_of
from twin.world.behaviors.securityhub_enabling import switch_on
from twin.world.behaviors.securityhub_hubs import ADMINISTRATORS, MEMBERS, Place, administers, hub_at, hub_of, place_of
from twin.world.behaviors.securityhub_pages import invalid, many, page
from twin.world.scene import Scene

CONFIGURATIONS = "securityhub.organization"
STANDARDS = ("NONE", "DEFAULT")
BATCH, PAGE = 50, 50
SELF = "An account cannot be a member of its own"
NOT_ENABLED = "The organization management account must enable Security Hub by itself"


def _administrator(asked: Asked, scene: Scene) -> Place:
    """Return the administrator and Region that call; nobody else may."""
    hub_of(asked, scene)
    account, region = place_of(asked)
    if scene.memory.get(ADMINISTRATORS, {}).get((management_of(account), region)) != account:
        raise AwsError(
            "InvalidAccessException", f"Account {account} is not an administrator for this organization", 401
        )
    return account, region


@answers("securityhub", "DescribeOrganizationConfiguration", "UpdateOrganizationConfiguration")
def configuration(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell or say what becomes of accounts that join the organization."""
    place, told = _administrator(asked, scene), asked.parameters
    held = scene.memory.setdefault(CONFIGURATIONS, {}).setdefault(place, {"auto": False, "standards": "DEFAULT"})
    if asked.call.operation == "UpdateOrganizationConfiguration":
        if (told.get("OrganizationConfiguration") or {}).get("ConfigurationType", "LOCAL") != "LOCAL":
            raise AwsError("TwinUnsupportedOperation", "The twin has no central configuration of Security Hub.")
        if told.get("AutoEnableStandards", "DEFAULT") not in STANDARDS:
            fault = "data.AutoEnableStandards should be equal to one of the allowed values"
            raise invalid("AutoEnableStandards", fault)
        held |= {"auto": told["AutoEnable"], "standards": told.get("AutoEnableStandards", held["standards"])}
        return {}
    return {
        "AutoEnable": held["auto"],
        "MemberAccountLimitReached": False,
        "AutoEnableStandards": held["standards"],
        "OrganizationConfiguration": {"ConfigurationType": "LOCAL"},
    }


@follows("organizations", "CreateAccount", "AcceptHandshake")
def joined(done: Done, scene: Scene) -> None:
    """Make an account that joined an organization a member, where its administrator has it so."""
    created = done.call.operation == "CreateAccount"
    account = done.result["CreateAccountStatus"]["AccountId"] if created else done.call.account
    for (management, region), admin in list(scene.memory.get(ADMINISTRATORS, {}).items()):
        held = scene.memory.get(CONFIGURATIONS, {}).get((admin, region))
        if held is not None and held["auto"] and management_of(account) == management:
            _enroll(scene, (admin, region), account, default=held["standards"] == "DEFAULT")


@follows("organizations", "RemoveAccountFromOrganization", "LeaveOrganization")
def left(done: Done, scene: Scene) -> None:
    """End what an account that left an organization was a member of; its hubs stay."""
    account = done.parameters.get("AccountId", done.call.account)
    for members in scene.memory.get(MEMBERS, {}).values():
        members.pop(account, None)


def _enroll(scene: Scene, place: Place, account: str, *, default: bool = True) -> None:
    """Make an account a member; its hub is enabled unless it is already, as which it stays."""
    admin, region = place
    if hub_at(scene, (account, region)) is None:
        switch_on(scene, (account, region), tags={}, default=default)
    named = accounts_of(scene, str(management_of(account)))[account]
    members_of(scene, place)[account] = {
        "AccountId": account, "Email": named.email, "MasterId": admin, "AdministratorId": admin,
        "MemberStatus": "ENABLED", "InvitedAt": scene.now().isoformat(), "UpdatedAt": scene.now().isoformat(),
    }  # fmt: skip


@answers("securityhub", "CreateMembers")
def create(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make accounts of the organization members; those outside of it, which are invited, are refused by name."""
    place, undone = _administrator(asked, scene), []
    wanted = [str(one["AccountId"]) for one in many(asked, "AccountDetails", most=BATCH)]
    management = str(management_of(place[0]))
    for account in wanted:
        if account not in accounts_of(scene, management):
            raise AwsError(
                "TwinUnsupportedOperation", f"The twin invites no account {account} outside of the organization."
            )
    for account in wanted:
        alone = account == management and hub_at(scene, (account, place[1])) is None
        if account == place[0] or alone:
            undone.append({"AccountId": account, "ProcessingResult": SELF if account == place[0] else NOT_ENABLED})
        else:
            _enroll(scene, place, account)
    return {"UnprocessedAccounts": undone}


@answers("securityhub", "DisassociateMembers")
def disassociate(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Let accounts be members no more; their hubs stay."""
    members = members_of(scene, _administrator(asked, scene))
    for account in many(asked, "AccountIds", most=BATCH):
        if account in members:
            members[account] |= {"MemberStatus": "REMOVED", "UpdatedAt": scene.now().isoformat()}
    return {}


@answers("securityhub", "GetMembers")
def told(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell of some members."""
    hub_of(asked, scene)
    members, wanted = members_of(scene, place_of(asked)), many(asked, "AccountIds", most=BATCH)
    strangers = [one for one in wanted if one not in members]
    return {
        "Members": [members[one] for one in wanted if one in members],
        "UnprocessedAccounts": [{"AccountId": one, "ProcessingResult": "Not a member"} for one in strangers],
    }


@answers("securityhub", "ListMembers")
def listed(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell all members, those that are none any more only if asked."""
    hub_of(asked, scene)
    only = asked.parameters.get("OnlyAssociated", True)
    members = members_of(scene, place_of(asked)).values()
    return page(asked, [one for one in members if not only or one["MemberStatus"] == "ENABLED"], "Members", most=PAGE)


@answers("securityhub", "GetAdministratorAccount", "GetMasterAccount")
def administrator(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell a member who administers it."""
    hub_of(asked, scene)
    place, name = place_of(asked), asked.call.operation.removeprefix("Get").removesuffix("Account")
    for (admin, region), members in scene.memory.get(MEMBERS, {}).items():
        if region == place[1] and administers(scene, admin, place):
            member = members[place[0]]
            return {name: {"AccountId": admin, "InvitedAt": member["InvitedAt"], "MemberStatus": "ENABLED"}}
    return {}
