"""`twin observe --findings`: network, sign-on and edge of an org in one answer, by stable rules."""

import json
from textwrap import dedent

import pytest

from twin.cli.observed import Sight, place_in
from twin.cli.trust import trust_findings
from twin.resources.call import cloudflare, okta

GOOD = dedent("""\
    version: 1
    org: {name: reef, domain: reef.example, contact: ops@reef.example}
    aws: {account: "123456789012", alias: reef, region: us-east-1}
    cloudflare: {account: 0123456789abcdef0123456789abcdef, plan: free}
    okta: {org_url: https://reef.okta.com}
    workforce:
      groups: {platform: {description: Runs the cloud}}
      people: {ada: {name: Ada Park, email: ada@reef.example, groups: [platform]}}
      mfa: {required: true, factors: [webauthn, okta_verify], phishing_resistant: true}
      sessions: {idle: 30m, lifetime: 8h}
      apps: {aws: {kind: aws, label: AWS, groups: [platform]}}
      roles: {reader: {groups: [platform], policies: [ReadOnlyAccess]}}
    edge:
      zone: reef.example
      records:
        - {name: www, type: A, value: 192.0.2.10, proxied: true}
        - {name: mail, type: A, value: 192.0.2.99}
      tls: {mode: strict, min: "1.2", always_https: true}
    """)
WEAKENED = {
    "signon.app-without-phishing-resistant-mfa": ("phishing_resistant: true", "phishing_resistant: false"),
    "signon.aws-role-without-mfa": ("{required: true,", "{required: false,"),
    "edge.tls-below-the-least": ('min: "1.2"', 'min: "1.1"'),
    "edge.http-is-served": ("always_https: true", "always_https: false"),
    "edge.origin-is-not-verified": ("mode: strict", "mode: flexible"),
    "edge.origin-is-told": ("192.0.2.99", "192.0.2.10"),
}


@pytest.fixture
def spec(home):
    """The good org's spec."""
    path = home / "org.yaml"
    path.write_text(GOOD)
    return path


def test_a_good_org_has_no_findings(spec, twin):
    """Nothing about sign-on, edge or network, read back from the endpoints of all three."""
    code, out, err = twin("observe", spec, "--findings", "--exit-code")
    assert (code, out) == (0, "nothing found\n"), err
    assert "not seen" not in err


def test_each_weakness_is_found_by_its_rule(spec, twin):
    """All weaknesses at once; text names the rule with who it holds for, data has the same rules, the gravest first."""
    text = GOOD
    for old, new in WEAKENED.values():
        assert old in text
        text = text.replace(old, new)
    spec.write_text(text)
    code, out, err = twin("observe", spec, "--findings", "--exit-code", "--json")
    found = json.loads(out)["findings"]
    assert (code, {one["rule"] for one in found}) == (1, set(WEAKENED)), err
    severities = [one["severity"] for one in found]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    code, out, _ = twin("observe", spec, "--findings")
    assert code == 0
    assert "high   signon.aws-role-without-mfa: group/platform takes arn:aws:iam::123456789012:role/" in out
    assert "for ada@reef.example" in out
    assert "mend: set min_tls_version to 1.2" in out


def test_what_left_the_spec_by_hand_is_found_against_the_limits_of_the_spec(spec):
    """A longer session and an older TLS, set at the vendors; a spec that promises TLS 1.3 finds its lack."""
    place = place_in(Sight(spec, None, "twin", None))
    assert trust_findings(place.target, place.org)[0] == []
    send = place.target.systems["okta"].execute
    policies = send(okta("GET", "/api/v1/policies", query={"type": "OKTA_SIGN_ON"}))
    policy = next(one for one in policies if one["name"] == "reef-sessions")
    (rule, *_) = send(okta("GET", f"/api/v1/policies/{policy['id']}/rules"))
    rule["actions"]["signon"]["session"]["maxSessionLifetimeMinutes"] = 481
    send(okta("PUT", f"/api/v1/policies/{policy['id']}/rules/{rule['id']}", rule))
    edge = place.target.systems["cloudflare"].execute
    (zone,) = edge(cloudflare("GET", "/zones"))
    edge(cloudflare("PATCH", f"/zones/{zone['id']}/settings/min_tls_version", {"value": "1.0"}))
    found = trust_findings(place.target, place.org)[0]
    assert [one.rule for one in found] == ["signon.session-outlives-its-limit", "edge.tls-below-the-least"]
    assert "481 minutes, where the spec says 480" in found[0].message
    tls = place.org.edge.tls.model_copy(update={"min": "1.3"})
    stricter = place.org.model_copy(update={"edge": place.org.edge.model_copy(update={"tls": tls})})
    edge(cloudflare("PATCH", f"/zones/{zone['id']}/settings/min_tls_version", {"value": "1.2"}))
    assert [one.rule for one in trust_findings(place.target, place.org)[0]] == ["signon.session-outlives-its-limit"]
    assert [one.rule for one in trust_findings(place.target, stricter)[0]][1:] == ["edge.tls-below-the-least"]


def test_a_spec_is_asked_only_about_what_it_has(spec):
    """Without a workforce or an edge of its own, a spec has no limits for them; without a spec there are defaults."""
    place = place_in(Sight(spec, None, "twin", None))
    send = place.target.systems["cloudflare"].execute
    (zone,) = send(cloudflare("GET", "/zones"))
    send(cloudflare("PATCH", f"/zones/{zone['id']}/settings/min_tls_version", {"value": "1.0"}))
    assert [one.rule for one in trust_findings(place.target, None)[0]] == ["edge.tls-below-the-least"]
    bare = place.org.model_copy(update={"workforce": None, "edge": None})
    assert trust_findings(place.target, bare)[0] == []
