"""`twin paths`: hops with their statements, what breaks them, exit codes, JSON."""

import json

import pytest
from served import raw

from twin.observe.iam.reader import Reader

SPEC = raw("""\
aws.iam.role:
  boss:
    name: boss
    trust:
      Version: "2012-10-17"
      Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
    inline: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
aws.iam.user:
  ann:
    name: ann
    inline:
      deploy:
        Version: "2012-10-17"
        Statement:
          - {Sid: Pass, Effect: Allow, Action: "iam:PassRole", Resource: "*"}
          - {Sid: Make, Effect: Allow, Action: ["lambda:CreateFunction", "lambda:InvokeFunction"], Resource: "*"}
  bob: {name: bob}
""")  # fmt: skip


@pytest.fixture
def spec(home):
    """A spec with one way to administration."""
    (home / "spec.yaml").write_text(SPEC)
    return home / "spec.yaml"


def test_way_is_shown_with_statements_and_break(spec, twin):
    """From a spec alone: each hop, what permits it, the change that ends it; exit 1 only when asked for."""
    code, out, err = twin("paths", spec, "--from", "user/ann", "--to", "admin", "--exit-code")
    assert (code, "no twin is running" in err) == (1, True), err
    assert "1. arn:aws:iam::123456789012:user/ann to admin: 1 hop" in out
    assert "iam:PassRole on arn:aws:iam::123456789012:role/boss: identity policy deploy of" in out
    assert "Sid Pass" in out
    assert "broken by taking away" in out


def test_json_names_rule_statement_and_break(spec, twin):
    """The same as data, with what is to be removed; no way is an empty list and exit 0 under --exit-code."""
    code, out, _ = twin("paths", spec, "--from", "ann", "--to", "admin", "--json")
    found = json.loads(out)
    assert (code, found["schema"], len(found["paths"])) == (0, 1, 1)
    assert [hop["rule"] for hop in found["paths"][0]] == ["lambda.create-function"]
    assert [(one["layer"], one["cuts"]) for one in found["break"]] == [("identity", 1)], (
        "the role's trust binds no more, and is left alone"
    )
    code, out, _ = twin("paths", spec, "--from", "bob", "--to", "admin", "--json", "--exit-code")
    assert (code, json.loads(out)["paths"]) == (0, [])


def test_no_way_through_what_was_not_shown_is_no_assurance(spec, twin, monkeypatch):
    """Where a read was refused, that no way was found is exit 3 under --exit-code; the gap stands in the JSON too."""
    read = Reader.read

    def refused(self, service, operation, params=None, **options):
        if operation == "ListBuckets":
            self.gaps.append("123456789012: s3:ListBuckets: AccessDenied: no")
            return {}
        return read(self, service, operation, params, **options)

    monkeypatch.setattr(Reader, "read", refused)
    code, out, err = twin("paths", spec, "--from", "bob", "--to", "admin", "--json", "--exit-code")
    assert (code, "not seen: 123456789012: s3:ListBuckets" in err) == (3, True)
    assert any("s3:ListBuckets" in gap for gap in json.loads(out)["gaps"])
    assert twin("paths", spec, "--from", "ann", "--to", "admin", "--exit-code")[0] == 1
    assert twin("paths", spec, "--from", "bob", "--to", "admin")[0] == 0


def test_unknown_principal_is_a_usage_error_that_names_a_near_one(spec, twin):
    """A misspelt name is exit 2 with the name that was meant; so is a condition key without a value."""
    code, _, err = twin("paths", spec, "--from", "user/anna", "--to", "admin")
    assert (code, "did you mean ann?" in err) == (2, True), err
    code, _, err = twin("paths", spec, "--from", "ann", "--to", "admin", "--given", "mfa")
    assert (code, "--given mfa" in err) == (2, True), err


def test_everyone_who_gets_to_a_goal_is_listed(spec, twin):
    """`--from all`: each with the length of the shortest way; who has none is not named; the same as data."""
    code, out, err = twin("paths", spec, "--from", "all", "--to", "admin", "--exit-code")
    assert code == 1, err
    assert "user/ann  1 hop" in out
    assert "role/boss  is there already" in out
    assert "user/bob" not in out
    told = json.loads(twin("paths", spec, "--from", "all", "--to", "admin", "--json")[1])
    ways = {way["from"].rpartition("/")[2]: len(way["path"]) for way in told["ways"]}
    assert (told["schema"], ways["ann"], ways["boss"], "bob" in ways) == (1, 1, 0, False)
