"""The management account of an organization designates who administers its hubs, Region by Region.

https://docs.aws.amazon.com/securityhub/latest/userguide/designate-orgs-admin-account.html; with which words others are
refused is assumed.
"""

from typing import Any

from twin.world.authorisation.organization import management_of
from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows
from twin.world.behaviors.securityhub_enabling import switch_on
from twin.world.behaviors.securityhub_hubs import ADMINISTRATORS, MEMBERS, Place, hub_at
from twin.world.behaviors.securityhub_pages import invalid, page
from twin.world.scene import Scene

SERVICE = "securityhub.amazonaws.com"
# Organizations answers in one Region: https://docs.aws.amazon.com/general/latest/gr/ao.html
HOME = "us-east-1"
DENIED = (
    "The request was rejected because you don't have sufficient permissions to perform this operation. The security "
    "token included in the request is for an account that isn't authorized to perform this operation."
)


def members_of(scene: Scene, place: Place) -> dict[str, dict[str, Any]]:
    """Return the members that an administrator has in a Region."""
    found: dict[str, dict[str, Any]] = scene.memory.setdefault(MEMBERS, {}).setdefault(place, {})
    return found


def accounts_of(scene: Scene, management: str) -> dict[str, Any]:
    """Return the accounts of an organization by id."""
    return {one.id: one for one in scene.state("organizations", management, HOME).accounts}


def _authority(asked: Asked) -> Place:
    """Return the management account and Region that call; nobody else may."""
    if asked.parameters.get("Feature", "SecurityHub") != "SecurityHub":
        raise AwsError("TwinUnsupportedOperation", "The twin has Security Hub CSPM only, not SecurityHubV2.")
    if management_of(asked.call.account) != asked.call.account:
        raise AwsError("AccessDeniedException", DENIED, 403)
    return asked.call.account, asked.call.region


@answers("securityhub", "EnableOrganizationAdminAccount")
def designate(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Let an account administer the hubs of a Region; its own hub is enabled, and Organizations knows of it."""
    management, region = _authority(asked)
    account = asked.parameters.get("AdminAccountId")
    if account not in accounts_of(scene, management):
        raise invalid("AdminAccountId", f"Account {account} is not a member of the organization")
    designated = scene.memory.setdefault(ADMINISTRATORS, {})
    others = {one for (of, _), one in designated.items() if of == management and one != account}
    if others:
        raise AwsError(
            "InvalidInputException", f"Account {min(others)} is the administrator of the organization already"
        )
    _register(scene, management, account)
    designated[management, region] = account
    members_of(scene, (account, region))
    if hub_at(scene, (account, region)) is None:
        switch_on(scene, (account, region), tags={}, default=True)
    return {"AdminAccountId": account, "Feature": "SecurityHub"}


def _register(scene: Scene, management: str, account: str) -> None:
    """Have Organizations trust the service, and know its administrator, who may be the management account itself."""
    state = scene.state("organizations", management, HOME)
    told = {"ServicePrincipal": SERVICE}
    if SERVICE not in {one["ServicePrincipal"] for one in state.services}:
        scene.call("organizations:EnableAWSServiceAccess", told, account=management, region=HOME, by=SERVICE)
    known = {admin.account.id for admin in state.admins if SERVICE in admin.services}
    if account not in known and account != management:
        told = {"AccountId": account, **told}
        scene.call("organizations:RegisterDelegatedAdministrator", told, account=management, region=HOME, by=SERVICE)


@answers("securityhub", "DisableOrganizationAdminAccount")
def dismiss(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Let an account administer a Region no more; its members there stand alone."""
    place, account = _authority(asked), asked.parameters.get("AdminAccountId")
    if scene.memory.get(ADMINISTRATORS, {}).get(place) != account:
        raise invalid("AdminAccountId", f"Account {account} is not the administrator account")
    _dismiss(scene, place)
    return {}


@follows("organizations", "DeregisterDelegatedAdministrator")
def deregistered(done: Done, scene: Scene) -> None:
    """Let an account that Organizations dismissed administer no Region any more."""
    told, management = done.parameters, done.call.account
    if told["ServicePrincipal"] != SERVICE:
        return
    for place, account in list(scene.memory.get(ADMINISTRATORS, {}).items()):
        if place[0] == management and account == told["AccountId"]:
            _dismiss(scene, place)


def _dismiss(scene: Scene, place: Place) -> None:
    account = scene.memory[ADMINISTRATORS].pop(place)
    scene.memory[MEMBERS].pop((account, place[1]), None)


@answers("securityhub", "ListOrganizationAdminAccounts")
def listed(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell who administers this Region."""
    account = scene.memory.get(ADMINISTRATORS, {}).get(_authority(asked))
    told = [] if account is None else [{"AccountId": account, "Status": "ENABLED"}]
    return page(asked, told, "AdminAccounts", most=10) | {"Feature": "SecurityHub"}
