"""An account joins an organization by invitation, and from then on the organization's policies bind it."""

import json

from refused import refusal

MEMBER = "210987654321"
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]})


def joined(clients):
    """Let the second account join the first one's organization; returns the management account's client."""
    head = clients("organizations")
    head.create_organization(FeatureSet="ALL")
    handshake = head.invite_account_to_organization(Target={"Id": MEMBER, "Type": "ACCOUNT"})["Handshake"]
    assert (handshake["State"], handshake["Action"]) == ("OPEN", "INVITE")
    accepted = clients("organizations", account=MEMBER).accept_handshake(HandshakeId=handshake["Id"])["Handshake"]
    assert accepted["State"] == "ACCEPTED"
    return head


def test_an_invited_account_is_a_member_and_an_scp_binds_it(clients):
    """Its users are bound, it stands at the root, and the management account has no role in it."""
    head = joined(clients)
    listed = {one["Id"]: one["JoinedMethod"] for one in head.list_accounts()["Accounts"]}
    assert listed[MEMBER] == "INVITED"
    iam = clients("iam", account=MEMBER)
    assert iam.list_roles()["Roles"] == []
    iam.create_user(UserName="ann")
    policy = head.create_policy(Content=DENY, Description="no", Name="no", Type="SERVICE_CONTROL_POLICY")
    assert iam.list_users()["Users"]
    head.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=MEMBER)
    assert refusal(iam.list_users)[0] == "AccessDenied"
    head.detach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=MEMBER)
    assert iam.list_users()["Users"]


def test_an_invitation_is_for_one_account_once_and_for_fifteen_days(clients, clock):
    """Nobody else can accept it, nobody twice, nobody too late; and who has no organization invites nobody."""
    other = clients("organizations", account=MEMBER)
    target = {"Id": MEMBER, "Type": "ACCOUNT"}
    assert refusal(other.invite_account_to_organization, Target=target)[0] == "AWSOrganizationsNotInUseException"
    head = joined(clients)
    assert refusal(head.invite_account_to_organization, Target=target)[0] == "HandshakeConstraintViolationException"
    late = head.invite_account_to_organization(Target={"Id": "999988887777", "Type": "ACCOUNT"})["Handshake"]["Id"]
    assert refusal(other.accept_handshake, HandshakeId=late)[0] == "HandshakeNotFoundException"
    head.remove_account_from_organization(AccountId=MEMBER)
    again = head.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    clock.advance(16 * 86400)
    assert refusal(other.accept_handshake, HandshakeId=again)[0] == "HandshakeAlreadyInStateException"
    assert head.describe_handshake(HandshakeId=again)["Handshake"]["State"] == "EXPIRED"
