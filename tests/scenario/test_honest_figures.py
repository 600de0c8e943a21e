"""A figure that a run cannot know is none: an outage that was not over when the run was has no length."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from twin.report.spreads import reasons
from twin.resources.call import Refused, aws
from twin.scenario.actors.callers import Callers
from twin.scenario.actors.site_visitors import SiteVisitors
from twin.scenario.calm import calm, control_check
from twin.scenario.document import Expectation, Scenario
from twin.scenario.on_call import Alert
from twin.scenario.outages import Outages
from twin.scenario.pager import Pager
from twin.scenario.responder import Steps
from twin.scenario.traffic.outcome import OUTCOMES, Outcome
from twin.scenario.traffic.trace import Trace
from twin.scenario.trouble import stirred
from twin.scenario.values import Unplayable
from twin.scenario.verdict import Check, Result, examine

INF = float("inf")
A_FAULT = {"kind": "zone-loss", "with": {"zone": "us-east-1a"}, "at": "5m"}


def told(bad, faults, **more):
    """Return the figures of a trace that is bad in some seconds of an hour, ten requests in each."""
    counts = {name: np.zeros(3600, np.int64) for name in OUTCOMES}
    counts["bad"][bad] = 10
    counts["good"] = 10 - counts["bad"]
    trace = Trace(0.0, 1.0)
    trace.add({"browse": Outcome(counts, {"its host is lost": 1.0})}, 3600)
    return trace.figures(faults, tolerance=0.01, grace=180.0, **more)


def scenario(**more):
    """Return a scenario with one fault."""
    expect = {"felt": {"figure": "fault.zone.effects", "at_least": 1}}
    values = {"id": "X", "title": "x", "spec": "org.yaml", "duration": "1h", "faults": {"zone": A_FAULT}}
    return Scenario.model_validate({**values, "expect": expect, **more})


def test_an_outage_that_is_over_has_its_length():
    """From its first bad second to its last."""
    figures = told(slice(600, 705), [(600.0, INF)])
    assert (figures["rto"], figures["longest"], figures["because"]) == (105.0, 105.0, "its host is lost (100%)")


def test_an_outage_that_is_not_over_at_the_end_has_no_length():
    """Two minutes before the end are no recovery within two and a half."""
    figures = told(slice(3480, 3600), [(3480.0, INF)])
    assert (figures["rto"], figures["longest"], figures["bad_seconds"]) == (None, None, 120.0)
    assert figures["because"] == "its host is lost (100%); it is not over at the end"


def test_trouble_that_goes_on_has_no_length_though_the_last_second_was_lucky():
    """What may fail at any moment is not over because nobody asked for it in the last second."""
    assert told(slice(3480, 3599), [(3480.0, INF)], over=False)["rto"] is None


def test_an_outage_that_a_second_fault_finds_going_on_is_counted_as_one():
    """It began with the first fault, and what the second one adds does not begin anew."""
    assert told(slice(600, 3500), [(600.0, INF), (2000.0, INF)])["rto"] == 2900.0


def test_outages_of_two_faults_are_counted_apart():
    """What was well when the second fault began is another outage."""
    bad = np.r_[600:700, 2000:2050]
    assert told(bad, [(600.0, INF), (2000.0, INF)])["rto"] == 100.0


def test_an_outage_of_one_try_is_as_long_as_the_time_to_the_next():
    """And none that goes on has a length."""
    outages = Outages(300.0)
    assert outages.lost("poll", 600.0, "Throttling")
    assert (outages.longest, outages.going_on) == (None, 1)
    assert outages.because == "Throttling; it is not over at the end"
    assert outages.recovered("poll")
    assert (outages.longest, outages.recovered("poll"), outages.because) == (300.0, False, "Throttling")


def test_one_refused_run_of_callers_is_an_outage():
    """Whoever asks every five minutes and is refused once has been without an answer for five minutes."""
    stage = SimpleNamespace(journal=SimpleNamespace(write=lambda *_a, **_k: None))
    callers = Callers("poll", {"every": "5m", "calls": {"look": {"call": "rds:DescribeDBInstances"}}}, stage)
    callers._note({"look": "ServiceUnavailable"}, 600.0)
    callers._note({}, 900.0)
    assert callers.figures()["longest_outage"] == 300.0


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        (["ExpiredToken"], "is refused (ExpiredToken), so nobody saw whether an alert came"),
        ([""], "no alert came, so nobody began"),
        (["", "ExpiredToken"], "no alert came until 40 s, when whoever reads the queue was refused (ExpiredToken)"),
        (["ExpiredToken", ""], "no alert came, so nobody began"),
    ],
)
def test_a_queue_that_nobody_may_read_is_not_taken_for_silence(looks, words):
    """An alert may have come to it."""
    world = SimpleNamespace(stirred=0, gateway=SimpleNamespace(store=SimpleNamespace(elsewhere={"cloudwatch"})))

    answers = iter(looks)

    def ask(*_a, **_k):
        if code := next(answers):
            raise Refused(aws("sqs", "ReceiveMessage"), code, "no", status=403)
        return {}
        yield

    stage = SimpleNamespace(
        ask=ask,
        keys=lambda _name: None,
        values=SimpleNamespace(fill=lambda value: value),
        journal=SimpleNamespace(write=lambda *_a, **_k: None),
        timeline=SimpleNamespace(elapsed=40.0),
        world=world,
    )
    pager = Pager(Alert(alerted="url"), stage)
    for _ in looks:
        assert list(pager._look()) == []
    assert words in pager.silence()


def test_what_a_fault_lets_ring_is_not_asked_of_the_control_run():
    """Without the fault nothing rings, and the times to the alert are not there."""
    expect = {"heard": {"figure": "alert.ttd", "at_most": 900}, "well": {"figure": "customers.bad", "equals": 0}}
    begin = {"alerted": "url"}
    assert list(calm(scenario(begin=begin, expect=expect)).expect) == ["well"]
    assert list(calm(scenario(begin=begin | {"unprovoked": True}, expect=expect)).expect) == ["heard", "well"]


@pytest.mark.parametrize(("reason", "held"), [("nothing was expected", True), ("somebody-asks: 0, wanted 1", False)])
def test_a_control_run_in_which_nothing_is_expected_is_no_error(reason, held):
    """Of a scenario that asks for what its fault does alone, nothing is left for the run without it."""
    assert control_check(Result("X", None, "VACUOUS", reason)).held is held


def test_a_bound_on_what_is_no_number_is_a_mistake_of_the_scenario():
    """It is no verdict on the org, and no fault of the program."""
    with pytest.raises(Unplayable, match=r"customers\.because is 'its host is lost', which at_most"):
        examine(
            "expect",
            {"x": Expectation(figure="customers.because", at_most=3)},
            {"customers.because": "its host is lost"},
            None,
        )


def test_seeds_that_change_the_verdict_are_named_with_what_did_not_hold():
    """The commonest reason first; those that passed are not told of."""
    lost = Check("fast", "expect", held=False, found=200, wanted="at most 150")
    runs = [Result("X", None, "PASS", "", seed=1), *(Result("X", None, "FAIL", "", (lost,), seed=n) for n in (2, 4))]
    runs.append(Result("X", None, "ERROR", "no such name", seed=3))
    assert list(reasons(runs)) == ["FAIL under seed 2, 4: fast", "ERROR under seed 3: no such name"]


def message(**told):
    """Return what SNS puts into a queue."""
    return json.dumps({"Type": "Notification", "Message": json.dumps(told)})


OWN = {"accessKeyDetails": {"accessKeyId": "AKIAOWN"}}
THIEF = {"accessKeyDetails": {"accessKeyId": "AKIATHIEF"}}


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        (message(AlarmName="down", NewStateValue="ALARM"), True),
        (message(AlarmName="down", NewStateValue="OK"), False),
        (message(**{"source": "aws.guardduty", "detail": {"resource": THIEF}}), True),
        (message(**{"source": "aws.guardduty", "detail": {"resource": OWN}}), False),
        ("call me", True),
    ],
    ids=["alarm", "well again", "somebody's key", "the stage's key", "text"],
)
def test_nobody_begins_for_good_news_or_for_the_stages_own_hand(body, counts):
    """An org is built with root's key, of which GuardDuty tells; an alarm that is none any more needs nobody."""
    world = SimpleNamespace(accounts=["1"], credentials=lambda _account: SimpleNamespace(access_key_id="AKIAOWN"))
    assert Pager(Alert(alerted="url"), SimpleNamespace(world=world))._counts(body) is counts


def test_an_alert_before_the_trouble_is_told_as_such():
    """It is no detection; and who was never told learns why."""
    pager = Pager(Alert(alerted="url"), SimpleNamespace())
    pager.delivered, pager.about = 300.0, "site-down is ALARM"
    steps = Steps("responder", {}, SimpleNamespace(), begin=pager)
    told = steps.noticed(600.0)
    assert (told["ttd"], told["ttd.because"]) == (None, "the alert came 300 s before the trouble: site-down is ALARM")
    assert steps.noticed(200.0)["ttd"] == 100.0


def test_a_runbook_that_only_looks_does_nothing():
    """Load that is served while somebody reads shows nothing about what would be done in trouble."""
    loaded = {
        "faults": {},
        "actors": {"poll": {"kind": "callers", "with": {"calls": {"x": {"call": "iam:ListUsers"}}}}},
    }
    reads = {"look": {"call": "iam:ListUsers"}, "think": {"wait": "1m"}}
    assert [check.found for check in stirred(scenario(**loaded, runbook=reads))] == ["nothing"]
    assert list(stirred(scenario(**loaded, runbook=reads | {"do": {"call": "iam:CreateUser"}}))) == []


@pytest.mark.parametrize(
    ("status", "origin", "wrong"),
    [(200, "192.0.2.10", ""), (0, "", "/ is answered by nobody"), (522, "", "/ is answered by 522")],
)
def test_a_canary_that_nobody_answers_is_no_good_news(status, origin, wrong):
    """Who measures a host that is not there, or a site that is down, sees nothing of the org's own."""
    visit = SimpleNamespace(status=status, origin=origin, headers={}, code=None)
    world = SimpleNamespace(edge=SimpleNamespace(visit=lambda _asked: visit))
    visitors = SiteVisitors("canary", {"host": "x.example", "origins": ["192.0.2.10"]}, SimpleNamespace(world=world))
    assert visitors._look("/") == wrong
