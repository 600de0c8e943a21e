"""B7, a session of Okta taken over: the good org passes, mistakes fail for their reason, without entry it is vacuous.

`twin run B7 --variants` runs the other mistakes, too.
"""

import pytest

WANTED = {None: "PASS", "tokens-live-on": "FAIL", "no-line-drawn": "FAIL", "never-approved": "VACUOUS"}
LOST = {
    None: set(),
    "tokens-live-on": {"contained-in-15-minutes", "refresh-token-is-dead"},
    "no-line-drawn": {"contained-in-15-minutes"},
    "never-approved": {"there is trouble", "the-intruder-got-in", "it-used-the-role", "it-had-reach"},
}


AGAIN = "tokens-live-on"
GATE = (None, AGAIN)
PLAYED = [pytest.param(name, marks=() if name in GATE else pytest.mark.catalogue) for name in WANTED]


@pytest.fixture(scope="module")
def told(plays, whole):
    """The scenario and variants of it, each on the same kept org."""
    return plays.some("B7", *(name for name in WANTED if name and (whole or name in GATE)))


@pytest.mark.parametrize("name", PLAYED, ids=[str(name) for name in WANTED])
def test_the_hijack_has_its_verdict_and_its_reason(told, name):
    """Nothing but the step that is missing is missed; what nobody approved tests nothing."""
    assert told.verdicts[name] == WANTED[name], told.results[name]["reason"]
    assert told.lost[name] == LOST[name]


def test_the_intruder_came_by_a_push_and_was_seen_in_the_log(told):
    """Five pushes are denied before one is approved; the denials in the log ring before that, and only then."""
    good = told.results[None]
    figures, journal = good["figures"], good["journal"]
    assert (figures["ada.denied"], figures["ada.approved"], figures["intruder.entered"]) == (5, 1, 1)
    assert (figures["detector.told"], figures["collateral.detector.told"]) == (1, 1)
    at = {line["event"]: line["t"] for line in journal if line["event"] in ("alerted", "approves")}
    assert at["alerted"] < at["approves"]
    assert (
        next(line["about"] for line in journal if line["event"] == "alerted") == "3 pushes denied by ada@moor.example"
    )
    lost = [(line["what"], line["t"]) for line in journal if line["event"] == "loses"]
    assert [what for what, _ in lost] == ["session", "refresh", "role"]


def test_the_refresh_token_that_lives_on_works_when_the_account_is_back(told):
    """While the user is suspended it is refused; without oauthTokens=true it works again after that."""
    held = [line for line in told.results[AGAIN]["journal"] if line.get("what") == "refresh"]
    assert [line["event"] for line in held] == ["holds", "loses", "holds"]


@pytest.mark.catalogue
def test_the_same_seed_gives_the_same_bytes_in_a_hijack(told, plays):
    """Whatever was drawn is drawn again."""
    again = plays.again("B7", AGAIN).journal
    assert len(again) > 5000
    assert again in told.journal


def test_neither_passwords_nor_tokens_stand_in_the_journal(told):
    """Neither the one who is pushed at nor what a sign-in gives."""
    assert b"Heather-by-the-river" not in told.journal
    assert b"SAMLResponse" not in told.journal
