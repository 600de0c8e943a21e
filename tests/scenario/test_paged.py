"""Runbooks that begin when somebody on call takes an incident: the people, the figures, the broken links."""

import json
from datetime import UTC, datetime

import pytest
from rig import SCOPE
from small_org import Theatre, journal

from twin.errors import SpecError
from twin.scenario.document import load
from twin.scenario.on_call import OnCall
from twin.scenario.people import People
from twin.scenario.timeline import Timeline

TOPIC = f"arn:aws:sns:us-east-1:{SCOPE.account}:pages"
ALARM = {
    "AlarmName": "no-work", "Namespace": "Workers", "MetricName": "Calls", "Statistic": "Sum", "Period": 60,
    "EvaluationPeriods": 2, "Threshold": 0, "ComparisonOperator": "LessThanOrEqualToThreshold",
    "TreatMissingData": "breaching", "AlarmActions": [TOPIC],
}  # fmt: skip
PAGED = {
    "on_call": {
        "people": {"ada": {"time_zone": "America/Los_Angeles"}, "bob": {"time_zone": "Europe/Berlin"}},
        "services": {"shop": {"levels": [{"people": ["ada"], "after": "10m"}, {"people": ["bob"]}], "loops": 3}},
    },
    "setup": {
        "topic": {"call": "sns:CreateTopic", "with": {"Name": "pages"}},
        "subscribe": {
            "call": "sns:Subscribe",
            "with": {"TopicArn": TOPIC, "Protocol": "https", "Endpoint": "${pagerduty.shop.url}"},
        },
        "confirmed": {"wait": "5s"},
        "alarm": {"call": "cloudwatch:PutMetricAlarm", "with": ALARM},
    },
    "faults": {
        "slow": {
            "kind": "throttling",
            "with": {"services": ["sts"], "operations": ["GetCallerIdentity"], "rate": 0, "burst": 0},
        }
        | {"at": "1m", "for": "5m"}
    },
    "actors": {"workers": {"with": {"every": "5m", "refresh": {"least": "30m", "most": "60m"}}}},
    "control": "none",
    "duration": "3h",
    "begin": {"paged": "shop"},
    "expect": {"nobody-fails": None, "somebody-began": {"figure": "paging.ttn", "at_least": 60}},
}


MUTED = {"setup": {"alarm": {"with": {"ActionsEnabled": False}}}}
ELSEWHERE = {"setup": {"alarm": {"region": "eu-west-1"}}}
STARVED = {"setup": {"subscribe": {"with": {"Attributes": {"FilterPolicy": '{"severity": ["critical"]}'}}}}}
NOBODYS = {
    "setup": {"subscribe": {"with": {"Endpoint": f"https://events.pagerduty.com/integration/{'0' * 32}/enqueue"}}}
}


@pytest.fixture
def play(small_org, tmp_path):
    """Plays the paged scenario with changes."""
    return Theatre(small_org, tmp_path)


def paged(play, **change):
    """Play the scenario whose alarm has no data, which counts as breaching."""
    return play(PAGED, **change)


@pytest.fixture(scope="module")
def broken(small_org, tmp_path_factory):
    """Plays it with a broken link; each link once."""
    play, known = Theatre(small_org, tmp_path_factory.mktemp("broken")), {}

    def once(change):
        key = json.dumps(change)
        if key not in known:
            known[key] = paged(play, **change)
        return known[key]

    return once


def problems(file):
    """Return what is wrong with a file."""
    with pytest.raises(SpecError) as caught:
        load(file)
    return " ".join(one.message for one in caught.value.diagnostics)


def runbook_check(result):
    """Return the check on the runbook."""
    return next(check for check in result.checks if check.name == "the runbook comes to its end")


def test_somebody_on_call_takes_the_incident_and_begins(play):
    """The runbook begins as long after the incident as its taker needs, and the same seed gives the same bytes."""
    result = paged(play)
    figures = result.figures
    assert figures["paging.by"] in ("ada", "bob")
    assert figures["paging.ttn"] > figures["paging.tta"] > 0
    assert runbook_check(result).held
    assert figures["paging.unheard"] == 0
    taken = journal(result, "acknowledged")
    assert (taken[0]["actor"], taken[0]["hour"] in ("night", "day")) == (figures["paging.by"], True)
    assert paged(play).journal == result.journal


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"setup": {"subscribe": None}}, "no incident was triggered, so nobody began"),
        ({"setup": {"alarm": {"with": {"AlarmActions": []}}}}, "no incident was triggered, so nobody began"),
        (MUTED, "no incident was triggered, so nobody began"),
        (ELSEWHERE, "no incident was triggered, so nobody began"),
        (STARVED, "no incident was triggered, so nobody began"),
        (NOBODYS, "no incident was triggered, so nobody began"),
        ({"on_call": {"services": {"shop": {"status": "disabled"}}}}, "no incident was triggered: disabled, so nobody"),
        ({"on_call": {"services": {"shop": {"maintenance": "12h"}}}}, "no incident was triggered: maintenance, so"),
        (
            {"on_call": {"services": {"shop": {"levels": [{"people": ["ada"], "hours": "20:00-06:00"}]}}}},
            "no incident was triggered: nobody on call, so nobody began",
        ),
        ({"on_call": {"people": {name: {"reachable": False} for name in ("ada", "bob")}}}, "can reach none of those"),
        ({"on_call": {"services": {"shop": {"urgency": "low"}}}}, "1 notifications, 1 of them missed"),
    ],
)
def test_a_broken_link_leaves_the_scenario_without_a_responder(broken, change, why):
    """The runbook's check fails and says which link it was."""
    result = broken(change)
    check = runbook_check(result)
    assert (result.verdict, check.held) == ("FAIL", False)
    assert why in str(check.found)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"setup": {"subscribe": None}}, "channel-unsubscribed"),
        ({"setup": {"alarm": {"with": {"AlarmActions": []}}}}, "channel-without-action"),
        (MUTED, "channel-muted"),
        (STARVED, "channel-filtered"),
        (NOBODYS, "channel-unconfirmed"),
        ({"on_call": {"services": {"shop": {"status": "disabled"}}}}, "channel-service-disabled"),
        ({"on_call": {"services": {"shop": {"urgency": "low"}}}}, "channel-low-urgency"),
    ],
)
def test_a_broken_link_is_told_before_the_trouble_comes(broken, change, rule):
    """What the org's endpoints tell is enough to see that nobody will come."""
    result = broken(change)
    assert result.figures["paging.unheard"] == 1
    (line,) = journal(result, rule)
    fault = next(line for line in journal(result) if line["event"].startswith("fault."))
    assert line["t"] <= fault["t"]
    assert line["mend"]


def test_a_page_of_nobodys_service_is_refused(play):
    """A scenario that waits for a service that its account lacks does not load."""
    assert "on_call has no service shops" in problems(play.file(PAGED, {"begin": {"paged": "shops"}}))
    figure = {"expect": {"x": {"figure": "paging.ttn", "at_most": 1}}}
    assert "nobody is paged" in problems(play.file(figure))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"services": {"shop": {"levels": [{"people": ["eve"]}]}}}, "there is nobody called eve"),
        ({"services": {"shop": {"levels": [{"people": ["ada"], "after": "90s"}]}}}, "whole number of minutes"),
        ({"services": {"shop": {"levels": [{"people": ["ada"], "hours": "late"}]}}}, "`hours` is like 22:00-06:00"),
    ],
)
def test_an_account_that_cannot_be_is_refused(play, change, problem):
    """The mistake is named with its place."""
    assert problem in problems(play.file(PAGED, {"on_call": change}))


class Standing:
    """A stage with a clock alone."""

    def __init__(self, hour):
        self.timeline = Timeline(datetime(2026, 1, 5, hour, tzinfo=UTC))
        self.world = type("World", (), {"scene": type("Scene", (), {"listeners": [], "chance": None})()})()


@pytest.mark.parametrize(
    ("hour", "zone", "told"), [(9, "UTC", "day"), (9, "America/Los_Angeles", "night"), (19, "UTC", "evening")]
)
def test_the_hour_is_that_of_where_somebody_lives(hour, zone, told):
    """Nine in the morning in Greenwich is night in California."""
    service = {"levels": [{"people": ["ada"]}]}
    account = OnCall.model_validate({"people": {"ada": {"time_zone": zone}}, "services": {"s": service}})
    assert told == People(account.people, Standing(hour), "x").hour("ada")


def test_who_is_woken_often_is_slower(play):
    """Ten pages in the day before double the time to notice; the draw is the same."""
    alone = {"on_call": {"services": {"shop": {"levels": [{"people": ["bob"]}]}}}}
    fresh = paged(play, **alone).figures["paging.tta"]
    tired = {"people": {"bob": {"pages_before": 6}}, "services": alone["on_call"]["services"]}
    assert paged(play, on_call=tired).figures["paging.tta"] >= fresh * 1.8
