"""`twin check` runs the proofs: what a user sees, exit codes, waivers, and SARIF that services take."""

import json

import jsonschema
import pytest
from sarif_schema import SCHEMA

from twin.analysis.proofs import proofs
from twin.cli import compiled as compiling
from twin.codes import codes

COUNT = f"{len(proofs())} proofs"

HEAD = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "111122223333", alias: acme, region: us-east-1}
"""
CLEAR = '{Bool: {"aws:SecureTransport": "false"}}'
BAD = f"""\
{HEAD}resources:
  aws.sqs.queue:
    open:
      name: open
      policy:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Deny, Principal: "*", Action: "sqs:*", Resource: "*", Condition: {CLEAR}}}
          - {{Sid: Everybody, Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: "*"}}
    plain: {{name: plain}}
"""
WAIVED = BAD + "waivers:\n  - {allow: TW1001, on: aws.sqs.queue.*, why: a public drop box, until: %s}\n"


@pytest.fixture
def check(home, twin):
    """Check a text as a spec."""

    def call(text, *arguments):
        (home / "spec.yaml").write_text(text)
        return twin("check", "spec.yaml", *arguments)

    return call


def test_finding_is_told_at_its_statement_with_what_mends_it(check):
    """The line is that of the statement; the rule's page and the way out stand below."""
    status, out, err = check(BAD)
    assert status == 1
    assert "error[TW1001]: aws.sqs.queue.open: everybody may sqs:SendMessage (statement Everybody)" in out
    assert "--> spec.yaml:12:13" in out
    assert "= help: name the principals" in out
    assert "= note: the rule: https://docs.aws.amazon.com/" in out
    assert f"{COUNT}: 1 error, 1 warning" in out
    assert "no record of use" in err, "what is left out is said"


UNHEARD = f"""\
{HEAD}audit:
  topics:
    pager: {{}}
  alarms:
    errors: {{namespace: Shop, metric: Errors, threshold: 5, notify: [pager]}}
    quiet: {{namespace: Shop, metric: Waits, threshold: 5}}
"""


def test_trouble_without_a_way_to_a_person_is_told_at_its_lines(check):
    """The alarm, the topic that nobody hears, the alarm that tells nobody, each at its own line; an e-mail mends it."""
    status, out, _ = check(UNHEARD, "--format", "sarif")
    (run,) = json.loads(out)["runs"]
    told = [(one["ruleId"], one["locations"][0]["physicalLocation"]["region"]["startLine"]) for one in run["results"]]
    assert status == 1
    assert {("TW1020", 8), ("TW1020", 9), ("TW1021", 9), ("TW1023", 6)} <= set(told)
    mended = UNHEARD.replace("pager: {}", "pager: {subscriptions: [{email: ops@acme.example}]}")
    status, out, _ = check(mended.replace("threshold: 5}", "threshold: 5, notify: [pager]}"))
    assert (status, "TW102" in out) == (0, False)


@pytest.fixture
def compiled(home, monkeypatch):
    """Have a workspace, in which compiled specs are kept; returns the environments that were compiled since."""
    (home / "home").mkdir()
    made, whole = [], compiling._compiled
    monkeypatch.setattr(compiling, "_compiled", lambda spec, *rest: made.append(spec.environment) or whole(spec, *rest))
    return made


@pytest.mark.parametrize("text", [BAD, WAIVED % "2020-01-01", UNHEARD], ids=["bad", "late-waiver", "unheard"])
def test_a_spec_that_was_checked_before_is_judged_anew_in_the_same_words(check, compiled, text):
    """What was compiled is kept and compiled no more; findings, waivers and their lines are told each time."""
    forms = ("text", "json", "sarif")
    first, *others = [check(text, "--format", form) for form in forms]
    assert len(compiled) == 1
    assert [check(text, "--format", form) for form in forms] == [first, *others]
    assert check(text, "--format", "text") == first
    assert (len(compiled), "TW10" in first[1]) == (1, True)


def test_what_is_wrong_with_a_spec_is_told_each_time(check, compiled):
    """Nothing is kept of it: the same line and column again, and not the good text that it was before."""
    assert check(HEAD)[0] == 0
    wrong = f"{HEAD}data: {{queues: {{a: {{redrive: {{to: nowhere}}}}}}}}\n"
    first, second = (check(wrong) for _ in range(2))
    assert (first[0], first, "spec.yaml:4:" in first[2]) == (2, second, True), first[2]


def test_clean_spec_is_good(check):
    """The variant without the faults exits 0 and says so."""
    status, out, _ = check(HEAD)
    assert (status, out.splitlines()[-2:]) == (
        0, ["spec.yaml: good. base: 1 resource of 1 type", f"{COUNT}: nothing found"],
    )  # fmt: skip


@pytest.mark.parametrize(("fail_on", "expected"), [("error", 1), ("warning", 1), ("note", 1), ("never", 0)], ids=str)
def test_exit_code_follows_the_level_that_is_asked_for(check, fail_on, expected):
    """An error fails all but `never`."""
    assert check(BAD, "--fail-on", fail_on)[0] == expected


def test_warning_alone_fails_only_when_asked(check):
    """Exit 0 by default, 1 with --fail-on warning."""
    text = HEAD + "resources: {aws.sqs.queue: {plain: {name: plain}}}\n"
    assert [check(text, "--fail-on", level)[0] for level in ("error", "warning")] == [0, 1]


def test_severity_hides_what_is_below_and_counts_it(check):
    """What is not shown is still counted, and said to be hidden."""
    _, out, _ = check(BAD, "--severity", "error")
    assert "TW1011" not in out
    assert f"{COUNT}: 1 error, 1 warning (1 not shown)" in out


def test_waiver_lets_a_finding_pass_until_its_end(check):
    """With a reason and an end in the future it is waived; after its end it is found again, and the waiver is told."""
    status, out, _ = check(WAIVED % "2099-12-31")
    assert (status, "TW1001" in out) == (0, False)
    assert "1 warning; 1 waived" in out
    status, out, _ = check(WAIVED % "2020-01-01")
    assert status == 1
    assert "error[TW1001]" in out
    assert "warning[TW1090]: the waiver of TW1001 on aws.sqs.queue.* expired on 2020-01-01" in out


def test_waiver_needs_a_reason_a_rule_and_a_date(check):
    """A waiver that says too little is a mistake of the spec, told at its line."""
    for wrong in ("{allow: TW1001, on: x, until: 2099-12-31}", "{allow: all, on: x, why: y, until: 2099-12-31}",
                  "{allow: TW1001, on: x, why: y, until: soon}"):  # fmt: skip
        status, _, err = check(BAD + f"waivers:\n  - {wrong}\n")
        assert status == 2
        assert "spec.yaml:15" in err


def test_waiver_that_fits_nothing_is_told(check):
    """What is mended needs no waiver any more."""
    _, out, _ = check(HEAD + "waivers:\n  - {allow: TW1001, on: aws.sqs.queue.open, why: x, until: 2099-12-31}\n")
    assert "note[TW1091]: the waiver of TW1001 on aws.sqs.queue.open fits no finding" in out


def test_waiver_for_one_environment_is_not_idle_in_another(check):
    """What only one environment has is waived for all; only a waiver that fits nowhere is told."""
    queue = "  aws.sqs.queue: {plain: {name: plain}}\n"
    waiver = "waivers:\n  - {allow: TW1011, on: aws.sqs.queue.plain, why: x, until: 2099-12-31}\n"
    environments = "environments:\n  one: {}\n  two: {resources: {aws.sqs.queue: null}}\n"
    both = HEAD + "resources:\n" + queue + waiver + environments
    assert "TW1091" not in check(both)[1]
    assert "in one only" in check(HEAD + "resources:\n" + queue + environments)[1]
    assert "TW1091" in check(both.replace("TW1011", "TW1012"))[1]


def test_json_has_every_finding_with_its_place_and_statement(check):
    """The address, the statement, the environments and the rule are data."""
    status, out, _ = check(WAIVED % "2099-12-31", "--json")
    told = json.loads(out)
    assert (status, told["schema"], told["diagnostics"]) == (0, 1, [])
    waived, plain = sorted(told["findings"], key=lambda one: one["code"])
    assert (waived["code"], waived["line"], waived["statement"]["Sid"]) == ("TW1001", 12, "Everybody")
    assert waived["waiver"] == {"why": "a public drop box", "until": "2099-12-31"}
    assert (plain["address"], plain["environments"], plain["waiver"]) == ("aws.sqs.queue.plain", ["base"], None)


def test_sarif_validates_and_points_at_the_line(check):
    """The log keeps the schema's essentials; its result has the rule, the region, the fingerprint, the suppression."""
    status, out, _ = check(WAIVED % "2099-12-31", "--format", "sarif")
    log = json.loads(out)
    jsonschema.validate(log, SCHEMA)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert status == 0
    assert [rule["id"] for rule in rules] == [code for code, entry in codes().items() if entry.level]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["helpUri"] == codes()[result["ruleId"]].source
    open_, plain = sorted(run["results"], key=lambda one: one["ruleId"])
    place = open_["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "spec.yaml", "uriBaseId": "%SRCROOT%"}
    assert (place["region"]["startLine"], open_["level"]) == (12, "error")
    assert open_["suppressions"][0]["justification"] == "a public drop box (until 2099-12-31)"
    assert "suppressions" not in plain


def test_fingerprint_stays_when_lines_move(check):
    """A comment above moves the region and nothing else."""

    def prints(text):
        log = json.loads(check(text, "--format", "sarif")[1])
        return [
            (r["partialFingerprints"], r["locations"][0]["physicalLocation"]["region"]["startLine"])
            for r in log["runs"][0]["results"]
        ]

    before, after = prints(BAD), prints("# a remark\n" + BAD)
    assert [one for one, _ in before] == [one for one, _ in after]
    assert [line + 1 for _, line in before] == [line for _, line in after]


def test_schema_refuses_what_is_no_sarif(check):
    """The check of the log can fail: without a message, with a line 0, with an unknown property."""
    log = json.loads(check(BAD, "--format", "sarif")[1])
    for spoil in (
        lambda result: result.pop("message"),
        lambda result: result["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda result: result.update(colour="red"),
    ):
        broken = json.loads(json.dumps(log))
        spoil(broken["runs"][0]["results"][0])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


def test_broken_spec_is_sarif_too(check):
    """What is wrong with the spec itself is a result with its code, and exit 2."""
    status, out, _ = check(HEAD.replace("us-east-1", "moon-1"), "--format", "sarif")
    log = json.loads(out)
    jsonschema.validate(log, SCHEMA)
    assert (status, log["runs"][0]["results"][0]["level"]) == (2, "error")


def test_used_file_that_is_none_is_a_usage_error(check, home):
    """A record that cannot be read is said, with exit 2."""
    assert check(HEAD, "--used", "absent.json")[0] == 2
    (home / "odd.json").write_text("{}")
    status, _, err = check(HEAD, "--used", "odd.json")
    assert (status, "no events of CloudTrail" in err) == (2, True)
