"""What a user did on the twin, its trail tells, and by that its unused grants are found."""

import json

from plans import ACCOUNT, allow, document, found
from rig import SEED, Wire

from twin.analysis.plan.usage import read_usage
from twin.clock import VirtualClock
from twin.resources.call import aws
from twin.resources.scope import Scope
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH

SCOPE = Scope("acme", "used", ACCOUNT, alias="acme", region="us-east-1")
AN_HOUR = 3600


def test_trail_of_the_twin_shows_what_a_user_did_not_use():
    """A user lists keys and no queues: of its two grants the second is found, and the first alone is not."""
    clock = VirtualClock(EPOCH)
    home = Wire.mount(make_world(SCOPE, seed=SEED, clock=clock), SCOPE).systems["aws"]
    grants = [allow("kms:ListKeys"), allow("sqs:ListQueues")]
    home.execute(aws("iam", "CreateUser", {"UserName": "it"}))
    written = {"UserName": "it", "PolicyName": "p", "PolicyDocument": json.dumps(document(*grants))}
    home.execute(aws("iam", "PutUserPolicy", written))
    key = home.execute(aws("iam", "CreateAccessKey", {"UserName": "it"}))["AccessKey"]
    clock.advance(60)
    home.acting_as(key["AccessKeyId"], key["SecretAccessKey"], None).execute(aws("kms", "ListKeys"))
    clock.advance(AN_HOUR)
    told = home.execute(aws("cloudtrail", "LookupEvents"))
    usage = read_usage(json.dumps(told, default=str))
    assert found("unused", user(*grants), usage) == [("TW1005", "note", "aws.iam.user.it")]
    assert found("unused", user(grants[0]), usage) == []


def user(*statements):
    """The user in a plan."""
    return {"aws.iam.user": {"it": {"name": "it", "inline": {"p": document(*statements)}}}}
