"""`twin decide rules` and `twin decide token`: one answer per line, whatever the line."""

import json

from click.testing import CliRunner
from joserfc import jwk, jws

from twin.cli.decisions import rules, signon, token


def answers(command, lines):
    """Run a command on lines of JSON; returns its answers."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    result = CliRunner().invoke(command, [], input=text)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.output.splitlines()]


def test_rules_answers_every_line():
    """A condition, a value, a mistake with its offset, and a line that is no JSON."""
    given = answers(
        rules.command,
        [
            {"id": 1, "expression": 'http.host eq "a"', "fields": {"http.host": "a"}},
            {"id": 2, "expression": "len(http.host)", "fields": {"http.host": "abc"}},
            {"id": 3, "expression": "http.host eq 1", "fields": {}},
            "{",
        ],
    )
    assert given[:2] == [{"id": 1, "value": True}, {"id": 2, "value": 3}]
    assert given[2]["error"]["offset"] == 13
    assert given[3]["id"] is None
    assert "error" in given[3]


def test_token_answers_every_line():
    """Accepted, refused with its reason, and a question that is none."""
    key = jwk.ECKey.generate_key("P-256", {"kid": "k"}, private=True)
    text = jws.serialize_compact({"alg": "ES256", "kid": "k"}, json.dumps({"exp": 100, "aud": "api"}), key)
    question = {"token": text, "jwks": {"keys": [key.as_dict(private=False)]}, "now": 50}
    allowed = {"algorithms": ["ES256"], "audience": "api"}
    given = answers(
        token.command,
        [
            {"id": 1, **question, "expectations": allowed},
            {"id": 2, **question, "expectations": {**allowed, "audience": "other"}},
            {"id": 3, **question, "expectations": {}},
            {"id": 4, **question, "expectations": allowed, "now": None},
        ],
    )
    assert (given[0]["accepted"], given[0]["key_id"]) == (True, "k")
    assert (given[1]["accepted"], given[1]["reason"]) == (False, "wrong_audience")
    assert given[2]["reason"] == "algorithm_not_allowed"
    assert "now" in given[3]["error"]["message"]


def test_signon_answers_every_line():
    """A rule that decides, a policy that is none, and a line that is no object."""
    rule = {"name": "r", "actions": {"signon": {"access": "ALLOW", "session": {"maxSessionIdleMinutes": 15}}}}
    given = answers(
        signon.command,
        [
            {"id": 1, "policies": [{"name": "P", "type": "OKTA_SIGN_ON", "rules": [rule]}], "context": {"user": "u"}},
            {"id": 2, "policies": [{"name": "P", "type": "PASSWORD", "rules": [rule]}]},
            "[]",
        ],
    )
    assert (given[0]["policy"], given[0]["rule"], given[0]["access"]) == ("P", "r", "ALLOW")
    assert given[0]["session"]["idle_minutes"] == 15
    assert "policies.type" in given[1]["error"]["message"]
    assert given[2]["id"] is None
