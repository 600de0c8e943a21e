"""Systems that are asked again only what may be answered otherwise."""

import pytest

from twin.observe.remembered import Replies
from twin.resources.call import Refused, aws

ROLE = "arn:aws:iam::222233334444:role/in"


class Vendor:
    """Answers with a number that grows, as one principal or another; refuses what is broken."""

    def __init__(self, who="home"):
        self.calls, self.who, self.broken = 0, who, False

    def execute(self, call):
        """Answer."""
        if self.broken:
            raise Refused(call, "Down", "it is", status=503)
        self.calls += 1
        if call.operation == "AssumeRole":
            return {"Credentials": {"AccessKeyId": f"key-{self.calls}", "SecretAccessKey": "s", "SessionToken": "t"}}
        return {"who": self.who, "number": self.calls}

    def acting_as(self, access_key_id, secret_access_key, session_token=None):
        """Answer another."""
        return Vendor(access_key_id)


def test_what_was_said_is_asked_again_once_it_is_dropped():
    """One reply for two questions, another after its service may have changed; other services keep theirs."""
    vendor, replies = Vendor(), Replies()
    system = replies.systems({"aws": vendor})["aws"]
    first = [system.execute(aws("iam", "ListUsers")), system.execute(aws("s3", "ListBuckets"))]
    assert [system.execute(aws("iam", "ListUsers")), system.execute(aws("s3", "ListBuckets"))] == first
    replies.take(replies.new)
    assert replies.drop({"aws.iam"})
    assert not replies.drop({"aws.kms"})
    assert system.execute(aws("iam", "ListUsers")) != first[0]
    assert system.execute(aws("s3", "ListBuckets")) == first[1]


def test_a_refusal_is_not_kept():
    """What was refused is asked again, and its service still counts as one that is asked."""
    vendor, replies = Vendor(), Replies()
    system = replies.systems({"aws": vendor})["aws"]
    system.execute(aws("iam", "ListUsers"))
    replies.take(replies.new)
    replies.drop({"aws.iam"})
    vendor.broken = True
    with pytest.raises(Refused):
        system.execute(aws("iam", "ListUsers"))
    assert replies.drop({"aws.iam"})
    vendor.broken = False
    assert system.execute(aws("iam", "ListUsers"))["number"] == 2


def test_a_role_is_one_asker_whatever_keys_it_was_given():
    """Keys are not kept, and what a role was told is not told to its home."""
    vendor, replies = Vendor(), Replies()
    home = replies.systems({"aws": vendor})["aws"]

    def inside():
        keys = home.execute(aws("sts", "AssumeRole", {"RoleArn": ROLE}))["Credentials"]
        return home.acting_as(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    told = inside().execute(aws("iam", "ListUsers"))
    assert inside().execute(aws("iam", "ListUsers")) == told
    assert home.execute(aws("iam", "ListUsers"))["who"] == "home"
    assert not any("AssumeRole" in key for _, key in replies.kept)
