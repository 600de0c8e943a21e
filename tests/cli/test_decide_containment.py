"""`twin decide containment`: pairs of policies in, verdicts out, line by line."""

import json

from twin.resources.aws.policy_actions import published

OLD = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
NEW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
BROKEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3", "Resource": "*"}]}


def answers(twin, home, *questions):
    """Ask the questions; return the exit code and the answers."""
    (home / "questions.jsonl").write_text("\n".join(json.dumps(one) for one in questions))
    status, out, _ = twin("decide", "containment", "questions.jsonl")
    return status, [json.loads(line) for line in out.splitlines()]


def test_each_line_is_answered_in_order(twin, home):
    """A narrower policy is contained; a wider one is not, with a request that `twin decide iam` allows."""
    status, (narrower, wider) = answers(
        twin, home, {"id": 1, "old": [NEW], "new": [OLD]}, {"id": 2, "old": [OLD], "new": [NEW]}
    )
    assert (status, narrower["id"], narrower["contained"], narrower["counterexample"]) == (0, 1, True, None)
    assert (wider["id"], wider["contained"]) == (2, False)
    request = wider["counterexample"]["request"]
    assert request["action"] in published("s3"), "an action that AWS publishes is named"
    for policy, expected in ((NEW, "allow"), (OLD, "implicit_deny")):
        question = {"id": 3, "request": request, "policies": {"identity": [policy]}}
        (home / "confirm.jsonl").write_text(json.dumps(question))
        assert json.loads(twin("decide", "iam", "confirm.jsonl")[1])["decision"] == expected


def test_wrong_line_gets_an_error_and_the_rest_go_on(twin, home):
    """A document that is none is named; a question without one is told what is wanted."""
    _, (broken, missing, good) = answers(
        twin,
        home,
        {"id": "a", "old": [OLD], "new": [BROKEN]},
        {"id": "b", "old": OLD},
        {"id": "c", "old": [], "new": []},
    )
    assert (broken["error"]["policy"], broken["error"]["element"]) == ("new[0]", "Action")
    assert missing["error"]["message"] == "old: a list of policy documents is wanted"
    assert good["contained"] is True
