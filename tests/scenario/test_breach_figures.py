"""The times of a breach are told where there was one: nobody who was kept out is contained, and no runbook ends it."""

import pytest
from small_org import Theatre, figures

from twin.scenario.duration import following

NAMES = ("ttd", "ttn", "ttc", "ttr")


@pytest.fixture(scope="module")
def theatre(small_org, tmp_path_factory):
    """The small org, on which a thief of a user's key acts after five minutes."""
    return Theatre(small_org, tmp_path_factory.mktemp("breach"))


def times(theatre, *, may, runbook, begin="10m"):
    """Return the times of a breach in which the stolen key may do something or nothing."""
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:DeleteQueue", "Resource": "*"}]}'
    )
    grant = {"call": "iam:PutUserPolicy", "with": {"UserName": "${user}", "PolicyName": "p", "PolicyDocument": policy}}
    cut = {"call": "iam:DeleteAccessKey", "with": {"UserName": "${user}", "AccessKeyId": "${old-id}"}}
    strike = {"call": "sqs:DeleteQueue", "with": {"QueueUrl": "${aws.sqs.queue.jobs.id}"}}
    thief = {"kind": "attacker", "with": {"keys": "stolen", "at": "5m", "script": {"strike": strike}}}
    change = {
        "setup": {"a-key": {"save": {"stolen": "AccessKey"}}, **({"may": grant} if may else {})},
        "actors": {"workers": None, "thief": thief},
        "runbook": {"a-second-key": None, **({"cut-it-off": cut} if runbook else {})},
        "begin": begin, "control": "none", "effects": None, "expect": {"nobody-fails": None},
    }  # fmt: skip
    told = figures(theatre(change), "breach.")
    return [told[name] for name in NAMES]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"may": True, "runbook": True}, [None, None, 0, 300]),
        ({"may": False, "runbook": True}, [None, None, None, None]),
        ({"may": True, "runbook": False}, [None, None, None, None]),
        ({"may": True, "runbook": True, "begin": "1m"}, [None, None, None, None]),
    ],
    ids=["breached", "kept-out", "no-runbook", "before-it-began"],
)
def test_a_time_is_told_where_both_its_ends_came(theatre, case, expected):
    """A key that opens nothing is no breach; what ended before the first bad call did not end what came of it."""
    assert times(theatre, **case) == expected


def test_what_came_before_its_cause_did_not_follow_from_it():
    """A message from before the trouble is of something else."""
    assert [following(5, 7.5), following(5, 5), following(5, 4), following(None, 4), following(5, None)] == [
        2.5, 0, None, None, None,
    ]  # fmt: skip
