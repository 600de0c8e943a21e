"""Every row of the table is decided as its documentation page says."""

import re

import pytest
from signon_apps_table import ROWS as APPS
from signon_rows import PAGES, app_policy, app_rule, asked, default_policy, network, session_policy, session_rule
from signon_sessions_table import ROWS as SESSIONS

from twin.semantics.signon import decide

ROWS = [*SESSIONS, *APPS]


def value_at(answer, path):
    """Return the member of an answer at a dotted path, None where there is none."""
    for name in path.split("."):
        answer = (answer or {}).get(name)
    return answer


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_sign_in_is_decided_as_documented(row):
    """Each member of the answer that the page states is as it states it."""
    answer = decide(row.question)
    assert {path: value_at(answer, path) for path in row.expected} == row.expected, answer


def test_table_is_large_and_cites_its_pages():
    """A hundred rows or more, no two alike, each from a page of Okta's, and every page is used."""
    assert len(ROWS) >= 100
    assert len({str(row) for row in ROWS}) == len(ROWS)
    assert {row.page for row in ROWS} == set(PAGES)
    assert all(".okta.com/" in address for address in PAGES.values())


def test_an_answer_says_what_was_passed_over():
    """Each policy and rule before the one that decides is named with its reason, the last says that it fits."""
    first = session_policy("A", session_rule("x", conditions={"riskScore": {"level": "HIGH"}}))
    answer = decide(asked([first, session_policy("B", session_rule("y"), groups=["00g-no"]), default_policy()]))
    assert answer["because"] == [
        "policy A, rule x: the risk is not HIGH",
        "policy B: no group of the user is included",
        "policy Default Policy, rule Default Rule: every condition fits",
    ]


MISSPELT = [
    ({"people": {"groups": {"includes": ["00g-x"]}}}, "includes"),
    ({"people": {"grups": {"include": ["00g-x"]}}}, "grups"),
    ({"network": {"connection": "ANYWHERE", "zones": ["nzo-x"]}}, "zones"),
    ({"device": {"register": True}}, "register"),
    ({"device": {"assurance": {"exclude": ["dae-1"]}}}, "exclude"),
    ({"riskScore": {"lvl": "HIGH"}}, "lvl"),
    ({"risk": {"behavior": ["x"]}}, "behavior"),
    ({"userType": {"includes": ["oty-a"]}}, "includes"),
    ({"platform": {"includes": [{"type": "MOBILE"}]}}, "includes"),
    ({"platform": {"include": [{"type": "PHONE"}]}}, "PHONE"),
    ({"platform": {"include": [{"type": "DESKTOP", "os": {"type": "BEOS"}}]}}, "BEOS"),
    ({"elCondition": {"expression": "false"}}, "expression"),
    ({"identityProvider": {"idps": ["0oa-1"]}}, "idps"),
    ({"authContext": {"type": "RADIUS"}}, "type"),
]


@pytest.mark.parametrize(("conditions", "told"), MISSPELT)
def test_a_misspelt_member_of_a_condition_is_refused(conditions, told):
    """A limit that is not read would be none, and the rule would fit everybody."""
    with pytest.raises(ValueError, match=told):
        decide(asked(app=app_policy(app_rule("r", conditions=conditions))))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"constraints": [{"posession": {"phishingResistant": "REQUIRED"}}]}, "posession"),
        ({"constraints": [{"possession": {"phishingResistent": "REQUIRED"}}]}, "phishingResistent"),
        ({"reauthenticateEvery": "PT0S"}, "reauthenticateEvery"),
    ],
    ids=str,
)
def test_a_misspelt_demand_is_refused(more, told):
    """Nor would the rule ask for anything."""
    with pytest.raises(ValueError, match=told):
        decide(asked(app=app_policy(app_rule("r", **more))))


@pytest.mark.parametrize("signon", [{"requireFactr": True}, {"session": {"maxSessionIdle": 5}}], ids=str)
def test_a_misspelt_setting_of_the_session_is_refused(signon):
    """Nor would the session end."""
    with pytest.raises(ValueError, match="is not read"):
        decide(asked([session_policy("P", session_rule("r", **signon))]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"policies": "all"}, "`policies` must be a list"),
        ({"policies": []}, "at least one policy"),
        ({"policy": {}}, "a question has no policy"),
        ({"policies": [session_policy("P", session_rule("r", access="MAYBE"))]}, "must be one of ALLOW, DENY"),
        ({"policies": [session_policy("P", session_rule("r", conditions={"weather": {}}))]}, "weather"),
        ({"policies": [{"rules": []}]}, "a name or an id"),
        ({"policies": [{"name": "x", "type": "PASSWORD"}]}, "policies.type"),
        ({"context": {"ip": "300.1.1.1"}, "zones": [{"id": "z", "gateways": []}]}, "an IP address"),
        ({"context": {"risk": "EXTREME"}}, "`context.risk`"),
        ({"context": {"weather": "fine"}}, "`context` has no weather"),
        ({"context": {"factors": ["carrier_pigeon"]}}, "carrier_pigeon"),
        ({"policies": [session_policy("P", session_rule("r", conditions=network("x")))]}, "names the zone nzo-x"),
        ({"app_policy": app_policy(app_rule("r", reauthenticateIn="2 hours"))}, "ISO 8601"),
        ({"app_policy": app_policy(app_rule("r", factors="3FA"))}, "factorMode"),
        (
            {"app_policy": app_policy(app_rule("r", conditions={"elCondition": {"condition": "user.id =="}}))},
            "ends too early",
        ),
        (
            {"app_policy": app_policy(app_rule("r", conditions={"elCondition": {"condition": "weather.fine"}}))},
            "'weather' is not supported",
        ),
        ({"app_policy": "nowhere"}, "`app_policy`"),
    ],
    ids=str,
)
def test_a_question_that_is_none_says_where(change, told):
    """What has no meaning is refused with its place, never decided by a guess."""
    with pytest.raises(ValueError, match=re.escape(told)):
        decide(asked([default_policy()]) | change)


def test_a_policy_may_come_with_its_rules_beside_it():
    """`{policy, rules}`, embedded rules and a policy's own rules are one thing."""
    rule = session_rule("r")
    policy = session_policy("P")
    told = [{"policy": policy, "rules": [rule]}, {**policy, "rules": [rule]}]
    embedded = {name: value for name, value in policy.items() if name != "rules"} | {"_embedded": {"rules": [rule]}}
    assert [decide(asked([one]))["rule"] for one in (*told, embedded)] == ["r"] * 3


def test_an_app_policy_may_be_named():
    """Among several authentication policies the id or the name says which is the app's."""
    one, two = app_policy(), {**app_policy(), "id": "rst-2", "name": "Two"}
    assert decide(asked([one, two], app="rst-2"))["policy"] == "Two"
    with pytest.raises(ValueError, match="app_policy"):
        decide(asked([one, two]))


def test_an_authenticator_without_a_method_stands_for_all_of_its_methods():
    """`okta_verify` can be pushed, coded and signed; what was proved is one method and must be named."""
    app = app_policy(app_rule("r", factors="1FA", constraints=[{"possession": {"userPresence": "OPTIONAL"}}]))
    demands = decide(asked(app=app, factors=["okta_verify", "WEBAUTHN"]))["demands"]
    wanted = [["okta_verify/push"], ["okta_verify/totp"], ["okta_verify/signed_nonce"], ["webauthn"]]
    assert demands["satisfied_by"] == wanted
    with pytest.raises(ValueError, match="one authenticator method"):
        decide(asked(app=app, proved=["okta_verify"]))
