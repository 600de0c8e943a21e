"""Whether a run has any trouble in it: a fault with an effect, an attack that got in, a step that changes something."""

import pytest
from small_org import Theatre

from twin.scenario.document import load
from twin.scenario.step import Step
from twin.scenario.trouble import stirred

TWO_KEYS = {
    "call": "iam:ListAccessKeys", "with": {"UserName": "${user}"}, "value": "length(AccessKeyMetadata)", "equals": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def play(small_org, tmp_path_factory):
    """Play the scenario with a change, on copies of one org."""
    return Theatre(small_org, tmp_path_factory.mktemp("trouble"))


def test_without_any_trouble_a_failure_is_vacuous_too(play):
    """The only fault breaks nothing: whatever does not hold then, nothing of it is the fault's."""
    idle = {"kind": "zone-loss", "with": {"zone": "us-east-1c"}}
    result = play(faults={"idle": idle}, control="none", expect={"two-keys": {**TWO_KEYS, "equals": 9}})
    assert result.verdict == "VACUOUS"
    assert "the fault idle has an effect: 0" in result.reason
    assert "two-keys: 2, wanted 9" in result.reason


LOOT = {"bucket": "loot-of-t1", "key": "a"}
SHARED = {
    "the-bucket": {"call": "s3:CreateBucket", "with": {"Bucket": LOOT["bucket"]}},
    "the-object": {"call": "s3:PutObject", "with": {"Bucket": LOOT["bucket"], "Key": LOOT["key"], "Body": "abc"}},
    "a-key": {"save": {"stolen": "AccessKey"}},
}
MAY_READ = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
GRANT = {"call": "iam:PutUserPolicy", "with": {"UserName": "${user}", "PolicyName": "p", "PolicyDocument": MAY_READ}}
GET = {"call": "s3:GetObject", "with": {"Bucket": LOOT["bucket"], "Key": LOOT["key"]}}
ATTACKS = {
    "outsider": {"keys": "stolen", "objects": [LOOT], "every": "10m"},
    "token-thief": {"token": "stolen", "script": {"take": GET}, "every": "10m"},
    "attacker": {"keys": "stolen", "script": {"take": GET}},
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_an_attack_counts_where_a_call_of_it_was_let(play, kind):
    """Who comes too late or is kept out tests nothing, whatever failed; who got in does, beside an idle fault too."""

    def run(*, may=True, at="5m", **more):
        thief = {"kind": kind, "with": {**ATTACKS[kind], "at": at}}
        wanted = {"two-keys": {**TWO_KEYS, "equals": 9}}
        grant = {"may": GRANT} if may else {}
        stage = {"setup": {**SHARED, **grant}, "actors": {"workers": None, "thief": thief}, "control": "none"}
        return play(stage, expect={"nobody-fails": None, **wanted}, effects=None, **more)

    idle = {"idle": {"kind": "zone-loss", "with": {"zone": "us-east-1c"}}}
    assert [run().verdict, run(faults=idle).verdict] == ["FAIL", "FAIL"]
    assert [run(at="2d").verdict, run(may=False).verdict] == ["VACUOUS", "VACUOUS"]


def test_load_alone_is_vacuous(play):
    """No fault, no attacker, no step: that workers are served tests nothing, unless it says that this is meant."""
    probe = {"kind": "callers", "with": {"every": "2m", "calls": {"who": {"call": "sts:GetCallerIdentity"}}}}
    wanted = {"two-keys": None, "nobody-fails": {"figure": "probe.refused", "equals": 0}}
    calm = {
        "runbook": None,
        "setup": None,
        "effects": None,
        "actors": {"workers": None, "probe": probe},
        "expect": wanted,
    }
    result = play(**calm)
    assert (result.verdict, result.reason.partition(":")[0]) == ("VACUOUS", "something is done")
    assert play(**calm, control="none").verdict == "PASS"
    write = {"make-one-more": {"call": "iam:CreateUser", "with": {"UserName": "eve"}}}
    assert play(calm, setup=write).verdict == "PASS"
    assert play(calm, setup={"look": {"call": "iam:ListUsers"}}).verdict == "VACUOUS"


@pytest.mark.parametrize(
    ("call", "stirs"),
    [
        ("sts:AssumeRole", False),
        ("iam:SimulatePrincipalPolicy", False),
        ("kms:Decrypt", False),
        ("dynamodb:Scan", False),
        ("logs:StartQuery", False),
        ("logs:FilterLogEvents", False),
        ("cloudflare GET /zones", False),
        ("postgres query", False),
        ("postgres execute", True),
        ("cloudflare POST /zones", True),
        ("dynamodb:PutItem", True),
        ("sqs:ReceiveMessage", True),
        ("kms:DisableKey", True),
    ],
)
def test_a_step_that_only_looks_does_nothing_to_the_org(play, call, stirs):
    """What CloudTrail calls read-only, a query of logs, and what vendors are only asked."""
    scenario, _ = load(play.file({"runbook": None, "setup": None}))
    asked = scenario.model_copy(update={"setup": {"one": Step(call=call)}})
    assert (list(stirred(asked)) == []) == stirs
