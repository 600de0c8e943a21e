"""Laws of policy evaluation: order is all that matters, and stronger proofs never meet less."""

import contextlib
import copy

from hypothesis import given
from hypothesis import strategies as st
from signon_apps_table import ROWS as APPS
from signon_rows import app_policy, app_rule, asked, default_policy, session_policy, session_rule
from signon_sessions_table import ROWS as SESSIONS

from twin.semantics.signon import Context, decide
from twin.semantics.signon.possible import always, possible

LEVELS = st.sampled_from(["ANY", "LOW", "MEDIUM", "HIGH"])
GROUPS = st.lists(st.sampled_from(["00g-a", "00g-b", "00g-c"]), max_size=2, unique=True)
METHODS = [
    "okta_password", "security_question", "okta_email", "phone_number/sms", "okta_verify/push", "okta_verify/totp",
    "okta_verify/signed_nonce", "google_otp", "webauthn", "smart_card_idp",
]  # fmt: skip
PROVED = st.lists(st.sampled_from(METHODS), max_size=4, unique=True)
STRENGTHS = st.dictionaries(
    st.sampled_from(["deviceBound", "hardwareProtection", "phishingResistant", "userVerification"]),
    st.sampled_from(["OPTIONAL", "REQUIRED"]),
)


@st.composite
def rules(draw, name):
    """Draw a rule with conditions on risk and groups."""
    conditions = {"riskScore": {"level": draw(LEVELS)}, "people": {"groups": {"include": draw(GROUPS)}}}
    access = draw(st.sampled_from(["ALLOW", "DENY"]))
    return session_rule(
        name, access=access, conditions=conditions, status=draw(st.sampled_from(["ACTIVE", "INACTIVE"]))
    )


@st.composite
def policies(draw):
    """Draw policies with rules, in order of their priorities."""
    return [
        session_policy(
            f"P{n}",
            *({**draw(rules(f"P{n}R{m}")), "priority": m + 1} for m in range(draw(st.integers(0, 3)))),
            groups=draw(GROUPS),
            priority=n + 1,
        )
        for n in range(draw(st.integers(0, 4)))
    ]


CONTEXTS = st.fixed_dictionaries({"risk": st.sampled_from(["LOW", "MEDIUM", "HIGH"]), "groups": GROUPS})


def verdict(answer):
    """Return what a question decides, without its reasons."""
    return {name: value for name, value in answer.items() if name != "because"}


@given(policies(), CONTEXTS)
def test_a_default_policy_decides_whatever_no_other_does(drawn, context):
    """With the default policy every sign-in is decided by some rule."""
    answer = decide(asked([*drawn, default_policy()], **context))
    assert answer["rule"] is not None


@given(policies(), CONTEXTS, rules("late"))
def test_a_rule_of_lower_priority_changes_no_decision_of_a_higher_one(drawn, context, late):
    """A policy that is added last, before the default, decides only what the default decided."""
    before = decide(asked([*drawn, default_policy()], **context))
    added = session_policy("Late", late, priority=50)
    after = decide(asked([*drawn, added, default_policy()], **context))
    if before["policy"] != "Default Policy":
        assert verdict(after) == verdict(before)
    assert after["policy"] in (before["policy"], "Late")


@given(policies(), CONTEXTS, st.randoms(use_true_random=False))
def test_only_priorities_order_policies_and_rules(drawn, context, shuffle):
    """The order in which the API lists them does not matter."""
    mixed = [{**policy, "rules": shuffle.sample(policy["rules"], len(policy["rules"]))} for policy in drawn]
    shuffle.shuffle(mixed)
    straight, shuffled = (decide(asked([*rows, default_policy()], **context)) for rows in (drawn, mixed))
    assert straight == shuffled


@given(policies(), CONTEXTS)
def test_what_is_inactive_might_as_well_not_be_there(drawn, context):
    """Leaving out inactive rules changes no decision."""
    active = [{**one, "rules": [rule for rule in one["rules"] if rule["status"] == "ACTIVE"]} for one in drawn]
    left = decide(asked([*active, default_policy()], **context))
    assert verdict(left) == verdict(decide(asked([*drawn, default_policy()], **context)))


@given(PROVED, st.sampled_from(METHODS), STRENGTHS, st.sampled_from(["1FA", "2FA"]))
def test_another_proof_never_takes_a_way_in(proved, more, strengths, factors):
    """Who meets an assurance meets it with one method more."""
    app = app_policy(app_rule("r", factors=factors, constraints=[{"possession": strengths}]))
    fewer, many = (decide(asked(app=app, proved=list(dict.fromkeys(held)))) for held in (proved, [*proved, more]))
    assert many["demands"]["satisfied"] >= fewer["demands"]["satisfied"]


@given(PROVED, STRENGTHS, st.sampled_from(["deviceBound", "hardwareProtection", "phishingResistant"]))
def test_a_stronger_demand_lets_in_no_one_new(proved, strengths, name):
    """Requiring one characteristic more only takes ways in."""
    weak, strong = strengths | {name: "OPTIONAL"}, strengths | {name: "REQUIRED"}
    answers = [
        decide(asked(app=app_policy(app_rule("r", constraints=[{"possession": one}])), proved=proved))["demands"]
        for one in (weak, strong)
    ]
    assert {tuple(way) for way in answers[1]["satisfied_by"]} <= {tuple(way) for way in answers[0]["satisfied_by"]}


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_session_that_died_does_not_live_again(age, more):
    """Time only ends sessions."""
    rule = session_rule("r", session={"maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 120})
    alive = [
        decide(asked([session_policy("P", rule)], session={"age": seconds, "idle": 0}))["session"]["alive"]
        for seconds in (age, age + more)
    ]
    assert alive[0] >= alive[1]


@given(policies(), CONTEXTS)
def test_what_decides_was_possible_and_the_last_possible_always_fits(drawn, context):
    """The rule that decides a sign-in is one of those that can decide for its person at all."""
    whole = [*drawn, default_policy()]
    person = Context(user="00u-ada", groups=dict.fromkeys(context["groups"], ""))
    reachable = [(policy["name"], rule["name"]) for policy, rule in possible(whole, person)]
    answer = decide(asked(whole, **context))
    assert (answer["policy"], answer["rule"]) in reachable
    assert sum(always(rule) for _, rule in possible(whole, person)) == 1


JUNK = st.sampled_from(
    [None, True, 0, -1, 3.5, float("inf"), "", "x", [], {}, [1], [None], [[]], [{}], {"include": [{}]}, {"id": []}]
)


def places(value, path=()):
    """Yield the path of every member of a question."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


@given(st.sampled_from([*SESSIONS, *APPS]), st.data(), JUNK)
def test_any_question_is_answered_or_refused_as_one(row, data, junk):
    """Whatever stands in the place of a member, the line is answered or is a ValueError, never a failure of ours."""
    question = copy.deepcopy(row.question)
    *way, last = data.draw(st.sampled_from(list(places(question))))
    target = question
    for name in way:
        target = target[name]
    target[last] = junk
    with contextlib.suppress(ValueError):
        assert decide(question)["access"] in ("ALLOW", "DENY")
