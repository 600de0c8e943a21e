"""An account that exists is invited into an organization, and joins when it accepts.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.scene import Scene

HANDSHAKES = "organizations.handshakes"
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_HandshakeFilter.html and API_Handshake.html
OPEN_DAYS = 15
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
EVERYBODYS = ("p-FullAWSAccess", "p-RCPFullAWSAccess")
ALREADY = "The account is already a member of an organization."


@answers("organizations", "InviteAccountToOrganization")
def invite(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Ask an account, by its id, to join the caller's organization."""
    account = asked.call.account
    state = scene.state("organizations", account, "aws")
    if state.org is None or state.org.master_account_id != account:
        code = "AWSOrganizationsNotInUseException" if state.org is None else "AccessDeniedException"
        raise AwsError(code, "Your account is not a member of an organization.")
    target = asked.parameters["Target"]
    if target["Type"] != "ACCOUNT" or len(target["Id"]) != 12:
        raise AwsError("InvalidInputException", "The twin invites accounts by their twelve digits only.")
    if any(member.id == target["Id"] for member in state.accounts):
        raise AwsError("HandshakeConstraintViolationException", ALREADY)
    now = scene.now().timestamp()
    id_ = f"h-{scene.ids('handshake').word(14, ALPHABET)}"
    scene.memory.setdefault(HANDSHAKES, {})[id_] = made = {
        "Id": id_,
        "Arn": f"arn:aws:organizations::{account}:handshake/{state.org.id}/invite/{id_}",
        "Parties": [{"Id": state.org.id, "Type": "ORGANIZATION"}, {"Id": target["Id"], "Type": "ACCOUNT"}],
        "State": "OPEN",
        "RequestedTimestamp": now,
        "ExpirationTimestamp": now + timedelta(days=OPEN_DAYS).total_seconds(),
        "Action": "INVITE",
        "Resources": [{"Value": state.org.id, "Type": "ORGANIZATION"}, {"Value": target["Id"], "Type": "ACCOUNT"}],
    }
    return {"Handshake": _told(made)}


@answers("organizations", "AcceptHandshake")
def accept(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make the account a member, at the root and under the policies that every account has."""
    made = scene.memory.get(HANDSHAKES, {}).get(asked.parameters["HandshakeId"])
    if made is None or made["Parties"][1]["Id"] != asked.call.account:
        raise AwsError("HandshakeNotFoundException", "We can't find a handshake with that ID.")
    if scene.now().timestamp() >= made["ExpirationTimestamp"]:
        made["State"] = "EXPIRED"
    if made["State"] != "OPEN":
        raise AwsError("HandshakeAlreadyInStateException", f"The handshake is already in state {made['State']}.")
    _join(scene, made["Arn"].split(":")[4], asked.call.account)
    made["State"] = "ACCEPTED"
    return {"Handshake": _told(made)}


@answers("organizations", "DescribeHandshake")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell a handshake to those who take part in it."""
    made = scene.memory.get(HANDSHAKES, {}).get(asked.parameters["HandshakeId"])
    if made is None or asked.call.account not in (made["Arn"].split(":")[4], made["Parties"][1]["Id"]):
        raise AwsError("HandshakeNotFoundException", "We can't find a handshake with that ID.")
    return {"Handshake": _told(made)}


def _join(scene: Scene, management: str, account: str) -> None:
    from moto.organizations.models import FakeAccount, organizations_backends

    if account in organizations_backends.master_accounts:
        raise AwsError("HandshakeConstraintViolationException", ALREADY)
    state = scene.state("organizations", management, "aws")
    # moto's own way to make one mints an account, with a role for its management that an invited account lacks.
    member = FakeAccount.__new__(FakeAccount)
    vars(member).update(
        type="ACCOUNT", region=state.org.region, organization_id=state.org.id, master_account_id=management,
        create_account_status_id="", id=account, name=account, email=f"root@{account}.invalid",
        create_time=scene.now().replace(tzinfo=None), status="ACTIVE", state="ACTIVE", joined_method="INVITED",
        parent_id=state.org.root_id, attached_policies=[], tags={},
    )  # fmt: skip
    state.accounts.append(member)
    for policy in [one for one in state.policies if one.id in EVERYBODYS]:
        state.attach_policy(PolicyId=policy.id, TargetId=account)
    organizations_backends.master_accounts[account] = (management, "aws")


def _told(made: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromtimestamp(made[name], UTC) for name in ("RequestedTimestamp", "ExpirationTimestamp")}
    return {**made, **times}
