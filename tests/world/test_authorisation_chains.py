"""What a session hands on when it takes another role: its source identity and its transitive tags."""

from people import ACCOUNT, allow, assumed, role, trust, user
from refused import refusal

DENIED = ("AccessDenied", 403)
ALL = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
TEAM = {"Tags": [{"Key": "team", "Value": "x"}], "TransitiveTagKeys": ["team"]}


def test_chain_keeps_what_its_first_session_was_given(clients):
    """The last session is still Ada's and of her team; none of it can be changed on the way."""
    ann = user(clients, "ann", allow("sts:*"))
    first = role(clients, "first", trust({"AWS": ACCOUNT}, ALL), allow("sts:*"))
    second = role(clients, "second", trust({"AWS": ACCOUNT}, ALL), allow("sts:*"))
    known = {"StringEquals": {"aws:SourceIdentity": "ada", "aws:PrincipalTag/team": "x"}}
    last = role(clients, "last", trust({"AWS": ACCOUNT}), allow("sqs:ListQueues", Condition=known))
    one = assumed(clients, first, ann, SourceIdentity="ada", **TEAM)
    two = assumed(clients, second, one)
    three = assumed(clients, last, two)
    assert clients("sqs", credentials=three).list_queues()
    plain = assumed(clients, last, assumed(clients, second, assumed(clients, first, ann)))
    assert refusal(clients("sqs", credentials=plain).list_queues) == DENIED
    take = {"RoleArn": second, "RoleSessionName": "s1"}
    again = clients("sts", credentials=one).assume_role
    assert again(**take, SourceIdentity="ada")
    assert refusal(again, **take, SourceIdentity="eve") == DENIED
    changed = [{"Key": "TEAM", "Value": "y"}]
    assert refusal(again, **take, Tags=changed) == ("InvalidParameterValue", 400)
    onto = clients("sts", credentials=two).assume_role
    take = {"RoleArn": last, "RoleSessionName": "s1"}
    assert refusal(onto, **take, SourceIdentity="ada") == DENIED
    assert refusal(onto, **take, Tags=[{"Key": "cost", "Value": "y"}]) == DENIED
