"""A request through an access point of S3 passes when the access point and its bucket both let it through."""

import pytest
from people import ACCOUNT, OTHER, allow, deny, document, user
from refused import refusal

DOOR = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/door"
INSIDE, BEHIND = f"{DOOR}/object/*", "arn:aws:s3:::lake/*"
DENIED = ("AccessDenied", 403)
ANN, EVE = f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{OTHER}:user/eve"
BY_DOOR = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
DELEGATES = {**allow("s3:*", ["arn:aws:s3:::lake", BEHIND], Condition=BY_DOOR), "Principal": {"AWS": "*"}}


def to(who, place, action="s3:GetObject"):
    """A statement of a resource's policy that lets somebody in."""
    return {**allow(action, place), "Principal": {"AWS": who}}


@pytest.fixture
def door(clients):
    """A bucket with an object, and an access point to it."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"x")
    control = clients("s3control")
    control.create_access_point(AccountId=ACCOUNT, Name="door", Bucket="lake")
    return control


# (who, own policy, access point's policy, bucket's policy, through the access point, directly)
CASES = [
    ("ann", [], [], [], False, False),
    ("ann", [allow("s3:GetObject")], [], [], True, True),
    ("ann", [allow("s3:GetObject", INSIDE)], [], [], False, False),
    ("ann", [allow("s3:GetObject", BEHIND)], [], [], False, True),
    ("ann", [allow("s3:GetObject", [INSIDE, BEHIND])], [], [], True, True),
    ("ann", [allow("s3:GetObject", INSIDE)], [], [DELEGATES], True, False),
    ("ann", [], [to(ANN, INSIDE)], [], False, False),
    ("ann", [], [to(ANN, INSIDE)], [DELEGATES], True, False),
    ("ann", [], [to(ANN, INSIDE)], [to(ANN, BEHIND)], True, True),
    ("ann", [], [to(ANN, f"{DOOR}/object/team/*")], [DELEGATES], False, False),
    ("ann", [allow("s3:*")], [{**deny("s3:GetObject", INSIDE), "Principal": "*"}], [], False, True),
    ("ann", [allow("s3:*")], [], [{**deny("s3:GetObject", BEHIND, Condition={
        "StringNotEquals": {"s3:DataAccessPointArn": DOOR}}), "Principal": "*"}], True, False),
    ("eve", [allow("s3:GetObject")], [], [DELEGATES], False, False),
    ("eve", [], [to(EVE, INSIDE)], [DELEGATES], False, False),
    ("eve", [allow("s3:GetObject")], [to(EVE, INSIDE)], [], False, False),
    ("eve", [allow("s3:GetObject")], [to(EVE, INSIDE)], [DELEGATES], True, False),
    ("eve", [allow("s3:GetObject", INSIDE)], [to(EVE, INSIDE)], [DELEGATES], True, False),
    ("eve", [allow("s3:GetObject"), deny("s3:*", BEHIND)], [to(EVE, INSIDE)], [DELEGATES], False, False),
]  # fmt: skip


def test_access_point_and_bucket_must_both_let_through(clients, door):
    """Each case by real calls: through the access point by ARN and by alias, and directly."""
    who = {"ann": user(clients, "ann"), "eve": user(clients, "eve", account=OTHER)}
    alias = door.get_access_point(AccountId=ACCOUNT, Name="door")["Alias"]
    clients("s3").delete_public_access_block(Bucket="lake")
    for name, own, at_door, at_bucket, through, direct in CASES:
        account = OTHER if name == "eve" else None
        nothing = [allow("none:Thing")]
        put = {"UserName": name, "PolicyName": "own", "PolicyDocument": document(*(own or nothing))}
        clients("iam", account=account).put_user_policy(**put)
        door.put_access_point_policy(
            AccountId=ACCOUNT, Name="door", Policy=document(*(at_door or [to(ANN, DOOR, "s3:ListBucket")]))
        )
        clients("s3").delete_bucket_policy(Bucket="lake")
        if at_bucket:
            clients("s3").put_bucket_policy(Bucket="lake", Policy=document(*at_bucket))
        s3 = clients("s3", credentials=who[name])
        told = [_reads(s3, place) for place in (DOOR, alias, "lake")]
        wanted = [one or "AccessDenied" for one in (through, through, direct)]
        assert told == wanted, (name, own, at_door, at_bucket)


def _reads(s3, bucket):
    try:
        return s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    except s3.exceptions.ClientError as refused:
        return refused.response["Error"]["Code"]


def test_access_point_of_a_network_is_reached_from_there_alone(clients, door):
    """Calls from elsewhere are refused, whatever the policies say; listing and writing pass as reading does."""
    vpc = clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    door.create_access_point(AccountId=ACCOUNT, Name="gate", Bucket="lake", VpcConfiguration={"VpcId": vpc})
    s3 = clients("s3", credentials=user(clients, "ann", allow("s3:*")))
    assert refusal(s3.get_object, Bucket=DOOR.replace("door", "gate"), Key="k") == DENIED
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=DOOR)["Contents"]] == ["k"]
    assert s3.put_object(Bucket=DOOR, Key="l", Body=b"y")
    assert s3.delete_objects(Bucket=DOOR, Delete={"Objects": [{"Key": "l"}]})["Deleted"] == [{"Key": "l"}]


def test_access_point_that_is_not_there_and_what_it_does_not_serve_are_refused(clients, door):
    """An unknown name, the settings of the bucket, and a public policy where the access point blocks those."""
    s3, away = clients("s3"), clients("s3", endpoint=None)
    assert refusal(away.get_object, Bucket=DOOR.replace("door", "none"), Key="k") == ("NoSuchAccessPoint", 404)
    assert refusal(s3.get_bucket_policy, Bucket=DOOR) == ("MethodNotAllowed", 405)
    public = {"AccountId": ACCOUNT, "Name": "door", "Policy": document(to("*", INSIDE))}
    assert refusal(door.put_access_point_policy, **public) == DENIED
