"""Reach under control policies of resources, and through access points of S3."""

import pytest
from few import BUCKET, A, B, org, user
from planted import allow, document

from twin.analysis.reach import Node, Reach
from twin.analysis.reach.breaking import narrowest_break
from twin.analysis.reach.holdings import holdings
from twin.observe.iam.org import Account, Document, Org, Point, Thing, text

DOOR = f"arn:aws:s3:us-east-1:{A}:accesspoint/door"
FULL = Document("RCPFullAWSAccess", text(document({**allow("*"), "Principal": "*"})))
OUTSIDE = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}
BY_DOOR = {"StringEquals": {"s3:DataAccessPointAccount": A}}
DELEGATES = text(document({**allow("s3:*", [BUCKET, f"{BUCKET}/*"], Condition=BY_DOOR), "Principal": "*"}))


def bound(*statements, **more):
    """An account of an organization whose resources are limited."""
    limit = Document("ours", text(document(*({**one, "Effect": "Deny", "Principal": "*"} for one in statements))))
    return Account(A, None, "o-1", (("r-1", (FULL,)), (A, (FULL, limit))), "o-1/r-1/", **more)


def letting(who, place, action="s3:GetObject"):
    """A resource's policy that lets somebody in."""
    return text(document({**allow(action, place), "Principal": {"AWS": who}}))


def readers(*objects):
    """Who reads the bucket, of the users of an org; all at once and one by one alike."""
    reach = Reach(Org(objects))
    found = {one for one in reach.principals() if reach.what_can(one)["read"]}
    assert found == {one for one in reach.principals() if holdings(reach).what_can(one)["read"]}
    return {one.rpartition("/")[2] for one in found}


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        (allow("s3:*", Condition=OUTSIDE), {"ann"}),
        (allow("s3:*"), set()),
        (allow("s3:*", f"{BUCKET}/private/*"), {"ann", "far"}),
        (allow("sqs:*"), {"ann", "far"}),
        (allow("s3:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ann"}}), {"far"}),
    ],
)
def test_policy_of_resources_keeps_out_whom_it_denies(statement, left):
    """Of a user of the account and one from outside, whom the bucket lets in, those that the limit spares read it."""
    ann, far = user("ann", allow("s3:GetObject")), user("far", allow("s3:GetObject"), account=B)
    bucket = Thing(BUCKET, "s3.bucket", A, letting("*", f"{BUCKET}/*"))
    assert readers(bound(statement), Account(B), ann, far, bucket) == left


def test_limit_that_a_caller_can_avoid_is_told():
    """A denial by what the caller brings along leaves the way, with what it rests on."""
    ann = user("ann", allow("s3:GetObject"))
    limit = bound(allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}))
    reach = Reach(Org((limit, ann, Thing(BUCKET, "s3.bucket", A))))
    step = reach.uses(Node(ann.arn), reach.thing(BUCKET), "read")
    assert step.conditions == ('not (Bool aws:SecureTransport "false")',)


def test_bucket_is_read_through_its_access_point():
    """What both let in is a way that rests on both; a bucket that leaves it to access points is not read directly."""
    ann, bob = user("ann"), user("bob", allow("s3:PutObject"))
    point = Point(DOOR, A, BUCKET, letting(ann.arn, f"{DOOR}/object/team/*"))
    bucket = Thing(BUCKET, "s3.bucket", A, DELEGATES)
    reach = Reach(org(ann, bob, bucket, point))
    step = reach.uses(Node(ann.arn), bucket, "read")
    assert step.resource.startswith(f"{DOOR}/object/team/")
    assert [ground.owner for ground in step.grounds] == [DOOR, BUCKET]
    assert step.conditions == ()
    assert readers(Account(A), ann, bob, bucket, point) == {"ann"}
    assert readers(Account(A), ann, bob, bucket) == set()
    narrow = Reach(org(ann, bucket, Point(DOOR, A, BUCKET, point.policy, "vpc-1")))
    assert narrow.uses(Node(ann.arn), bucket, "read").conditions == ("the request comes from vpc-1",)
    assert narrowest_break(reach, ann.arn, BUCKET) is not None


def test_access_point_that_one_may_open_or_make_is_a_way():
    """Who may write the policy of an access point, or make one, reads what the bucket leaves to them."""
    bucket = Thing(BUCKET, "s3.bucket", A, DELEGATES)
    opens = user("opens", allow("s3:PutAccessPointPolicy"))
    makes = user("makes", allow(["s3:PutAccessPointPolicy", "s3:CreateAccessPoint"]))
    point = Point(DOOR, A, BUCKET)
    reach = Reach(org(opens, makes, bucket))
    assert [one.rule for (one,) in reach.paths(makes.arn, BUCKET)] == ["reads"]
    assert reach.paths(opens.arn, BUCKET) == []
    (way,) = Reach(org(opens, bucket, point)).paths(opens.arn, BUCKET)
    assert [step.action for step in way[0].steps] == ["s3:PutAccessPointPolicy", "s3:GetObject"]
    closed = Thing(BUCKET, "s3.bucket", A, letting("*", f"{BUCKET}/*", "s3:PutObject"))
    assert Reach(org(opens, makes, closed, point)).paths(makes.arn, BUCKET) == []
