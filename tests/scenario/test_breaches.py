"""The breaches B1, B2, B6: the good org passes, every mistake fails for its own reason, an idle attack is vacuous."""

import pytest

REASONS = {
    "B1": {
        "user-holds-iam": "nothing-is-left",
        "no-alert": "no alert came",
        "no-scp": "nothing-is-left",
        "no-organization": "put-up-the-guard",
        "only-the-keys": "nothing-is-left",
        "sessions-live-on": "nothing-is-left",
        "nothing-read-is-rotated": "the-secret-it-read-is-rotated",
        "the-trail-can-be-deleted": "no-trace-is-lost",
        "responder-without-rights": "step break-the-glass: sts:AssumeRole was refused",
        "nothing-done": "nothing-is-left",
    },
    "B2": {
        "outside-the-spec": "nothing-is-left",
        "no-alert": "no alert came",
        "slow-alert": "alerted-in-15-minutes",
        "sessions-live-on": "nothing-is-left",
        "door-stays-open": "nothing-is-left",
        "key-stays": "nothing-is-left",
        "nothing-done": "nothing-is-left",
    },
    "B6": {
        "static-list": "every-secret-that-was-read-is-rotated",
        "rotated-too-early": "every-secret-that-was-read-is-rotated",
        "not-watched": "no alert came",
        "wrong-field": "no alert came",
        "threshold-too-high": "no alert came",
        "sessions-live-on": "nothing-is-left",
        "nothing-done": "every-secret-that-was-read-is-rotated",
    },
}
IDLE = {"B1": {"powerless", "asleep"}, "B2": {"powerless"}, "B6": {"powerless"}}
AGAIN = "sessions-live-on"


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=() if name == "B2" else pytest.mark.catalogue) for name in sorted(REASONS)],
)
def told(request, plays, whole):
    """A breach with its variants, the gate's with two of them; returns its id and what came of it."""
    name = request.param
    return name, plays(name, "every") if whole else plays.some(name, AGAIN, "powerless")


def test_the_good_org_passes_and_every_mistake_is_killed(told, whole):
    """The mutation score is one; what tests nothing says so."""
    name, run = told
    wanted = {None: "PASS"} | dict.fromkeys(REASONS[name], "FAIL") | dict.fromkeys(IDLE[name], "VACUOUS")
    assert run.verdicts == {variant: verdict for variant, verdict in wanted.items() if variant in run.verdicts}
    assert (run.code, len(run.verdicts)) == (0, len(wanted) if whole else 3)


def test_each_mistake_fails_for_the_reason_that_it_names(told):
    """A variant that fails for another reason would prove nothing."""
    name, run = told
    assert run.other_reasons(REASONS[name]) == {}


def test_the_control_run_passes_and_nobody_is_alerted_in_it(told):
    """Without the attacker nothing rings, and what the others lose in the breach is its collateral damage."""
    good = told[1].results[None]
    assert next(check for check in good["checks"] if check["kind"] == "control")["held"]
    assert good["figures"]["collateral.reporters.failed"] > 0


def test_the_responder_is_started_by_a_message_and_reach_is_told_after_each_step(told):
    """Detection is measured from the first call to the message; reach falls from its peak to nothing."""
    good = told[1].results[None]
    figures, journal = good["figures"], good["journal"]
    (alerted,) = [line for line in journal if line["event"] == "alerted"]
    first = next(line["t"] for line in journal if line["actor"] == "attacker")
    assert figures["breach.ttd"] == pytest.approx(alerted["t"] - first)
    assert figures["breach.ttd"] >= 30  # EventBridge and the trail's log group take their time
    assert figures["breach.ttn"] == 300
    reach = [line for line in journal if line["event"] == "reach"]
    assert [line["after"] for line in reach[1:-1]] == list(dict.fromkeys(line["after"] for line in reach[1:-1]))
    assert figures["breach.peak"] >= reach[0]["left"] > 0 == reach[-1]["left"]


def test_the_same_seed_gives_the_same_bytes_in_a_breach(told, plays):
    """Attacker, responder and delays are drawn from the seed; neither secrets nor tokens stand in the journal."""
    name, run = told
    alone = plays.again(name, AGAIN).journal
    assert len(alone) > 5000
    assert alone in run.journal
    assert b"SecretAccessKey" not in run.journal
    assert b"FwoGZXIvYXdzE" not in run.journal
