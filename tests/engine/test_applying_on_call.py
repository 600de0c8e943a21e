"""Who is on call and what pages them, by `twin apply` alone: from the intent of a spec to the person who is told."""

import json
from pathlib import Path

import pytest
from rig import Rig
from werkzeug.datastructures import Headers

from twin.blueprints.compile import compile_spec
from twin.errors import SpecError
from twin.resources.call import aws, datadog, pagerduty
from twin.spec.load import load, parse
from twin.wire import Request

SPEC = Path(__file__).parents[2] / "specs" / "on-call-org.yaml"
CHAIN = ("pagerduty.", "datadog.", "aws.sns.")


@pytest.fixture(scope="module")
def org():
    """What the spec wants, and where."""
    return compile_spec(load(SPEC, environ={}))


@pytest.fixture(scope="module")
def built(org, tmp_path_factory):
    """The org applied, and PagerDuty given the time to confirm; nobody is paged yet."""
    desired, scope = org
    rig = Rig(tmp_path_factory.mktemp("state"), scope)
    rig.build(desired)
    rig.clock.advance(30)
    rig.world.settle()
    yield rig
    rig.world.close()


def titles(rig):
    """The titles of all incidents."""
    return [one["title"] for one in rig.by_hand(pagerduty("GET", "/incidents", pages=True))]


def told(rig):
    """The addresses of those whom PagerDuty told, in order."""
    return [one.facts["email"] for one in rig.world.scene.happenings if one.kind == "pagerduty.incident.notified"]


def test_the_intent_becomes_what_pagerduty_datadog_and_sns_know(org):
    """Each section gives its resources, each with the place in the spec that caused it."""
    desired, _ = org
    chain = {str(one.address): one for one in desired if one.address.type.startswith(CHAIN)}
    assert sorted(chain) == sorted(
        [
            *(f"pagerduty.user.{name}" for name in ("ada", "bob", "eva")),
            "pagerduty.team.platform",
            *(f"pagerduty.schedule.{name}" for name in ("first", "second")),
            *(f"pagerduty.escalation_policy.{name}" for name in ("wake", "office")),
            *(f"pagerduty.service.{name}" for name in ("platform", "costs")),
            "pagerduty.integration.platform-datadog",
            "datadog.pagerduty_service.platform",
            *(f"datadog.monitor.{name}" for name in ("job-errors", "no-jobs", "secrets-read")),
            "datadog.downtime.staging",
            *(
                f"{type_}.page-{name}"
                for type_ in ("aws.sns.topic", "aws.sns.subscription", "pagerduty.integration")
                for name in ("critical", "critical-events", "warning", "warning-events")
            ),
        ]
    )
    assert chain["pagerduty.escalation_policy.wake"].origins["levels"] == ("on_call", "policies", "wake", "levels")
    assert (
        chain["datadog.monitor.job-errors"].resource.message
        == "More jobs fail than usual @pagerduty-rowan-prod-platform"
    )


def test_every_subscription_is_confirmed_and_the_next_plan_is_empty(org, built):
    """PagerDuty opened the address that SNS sent; what is read back is what was wanted."""
    arns = {one["SubscriptionArn"] for one in built.by_hand(aws("sns", "ListSubscriptions"))["Subscriptions"]}
    assert len(arns) == 4
    assert all(arn.startswith("arn:") for arn in arns)
    assert built.pending(org[0]) == {}


def test_no_key_of_an_integration_is_kept(built):
    """SNS has them in its addresses; neither state nor journal does."""
    services = built.world.vendors.pagerduty().services.values()
    keys = [one["integration_key"] for service in services for one in service["#integrations"]]
    assert len(keys) == 5
    files = [file.read_text() for file in built.folder.rglob("*") if file.is_file()]
    assert files
    assert not [key for key in keys if any(key in text for text in files)]


def test_an_alarm_wakes_who_is_on_call_and_its_end_resolves_the_incident(built):
    """The alarm on the trail, its topic, the subscription, the incident, the schedule's person, and back to OK."""
    cloudwatch = {"AlarmName": "rowan-prod-secrets-read", "StateReason": "a drill"}
    before = len(told(built))
    built.by_hand(aws("cloudwatch", "SetAlarmState", {**cloudwatch, "StateValue": "ALARM"}))
    built.clock.advance(5)
    built.world.settle()
    assert titles(built)[-1] == 'ALARM: "rowan-prod-secrets-read" in US East (N. Virginia)'
    assert told(built)[before:] in (["ada@rowan.example"], ["bob@rowan.example"])


def test_a_finding_pages_through_the_topic_of_events(built):
    """EventBridge's events have no alarm's form, so that they come by PagerDuty's way for events of any form."""
    built.by_hand(aws("cloudtrail", "StopLogging", {"Name": "rowan-prod-trail"}))
    built.by_hand(aws("cloudtrail", "StartLogging", {"Name": "rowan-prod-trail"}))
    built.clock.advance(1200)
    built.world.settle()
    assert [one for one in titles(built) if one.startswith("GuardDuty Finding: ")]


def finding(rig, id_, label):
    """A scanner of the account's own tells Security Hub of something."""
    region, account = rig.world.region, rig.world.accounts[0]
    told = {"SchemaVersion": "2018-10-08", "Id": id_, "GeneratorId": "scan", "AwsAccountId": account}
    told |= {
        "ProductArn": f"arn:aws:securityhub:{region}:{account}:product/{account}/default",
        "Title": f"Title of {id_}",
    }
    told |= {"CreatedAt": "2026-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z", "Description": "d"}
    told |= {"Types": ["Effects"], "Severity": {"Label": label}, "Resources": [{"Type": "Other", "Id": "thing"}]}
    rig.by_hand(aws("securityhub", "BatchImportFindings", {"Findings": [told]}))
    rig.clock.advance(60)
    rig.world.settle()


def test_a_grave_finding_of_security_hub_pages_and_a_slight_one_does_not(built):
    """The rule looks into the findings of the event; what somebody suppressed is not told again."""
    before = len(titles(built))
    finding(built, "slight", "LOW")
    assert len(titles(built)) == before
    finding(built, "grave", "HIGH")
    assert titles(built)[before:] == ["Security Hub Findings - Imported: Title of grave"]


def test_a_budget_pages_with_plain_text(built):
    """What AWS Budgets publishes is no JSON; the service of low urgency has it, and wakes nobody with it."""
    topic = built.world.region, built.world.accounts[0]
    arn = f"arn:aws:sns:{topic[0]}:{topic[1]}:rowan-prod-page-warning-events"
    told = {"TopicArn": arn, "Subject": "AWS Budgets: rowan-prod-month", "Message": "Dear AWS Customer,"}
    built.world.scene.call("sns:Publish", told, account=topic[1], region=topic[0], by="budgets.amazonaws.com")
    built.clock.advance(5)
    built.world.settle()
    (found,) = [one for one in built.by_hand(pagerduty("GET", "/incidents", pages=True)) if "Budgets" in one["title"]]
    assert (found["urgency"], found["service"]["summary"]) == ("low", "rowan-prod-costs")


def points(rig, value):
    """Send what Datadog's monitor looks at, and let some minutes pass."""
    point = {"timestamp": int(rig.clock.now().timestamp()), "value": value}
    body = {"series": [{"metric": "jobs.errors", "type": 3, "points": [point], "tags": ["env:prod"]}]}
    headers = Headers([("DD-API-KEY", rig.world.datadog.api_key), ("Content-Type", "application/json")])
    rig.world.handle(Request("POST", "https://api.datadoghq.com/api/v2/series", headers, json.dumps(body).encode()))
    rig.clock.advance(120)
    rig.world.settle()


def test_a_muted_monitor_pages_nobody_and_the_next_apply_lets_it_speak(org, built):
    """Somebody muted it by hand; the plan sees that, and what it then says reaches the service of its severity."""
    desired, _ = org
    monitor = next(one for one in built.world.vendors.datadog().monitors.values() if one["name"] == "Jobs fail")
    built.by_hand(datadog("POST", f"/api/v1/monitor/{monitor['id']}/mute"))
    points(built, 50)
    assert not [one for one in titles(built) if "Jobs fail" in one]
    assert built.pending(desired) == {"datadog.monitor.job-errors": "update"}
    built.build(desired)
    built.clock.advance(900)
    points(built, 0)
    points(built, 50)
    assert [one for one in titles(built) if "Jobs fail" in one]


def test_an_integration_that_was_taken_away_is_made_anew_and_subscribed(org, built):
    """Its key is nobody's any more: the old subscription is a stranger, the new address is another one."""
    desired, _ = org
    service = next(one for one in built.by_hand(pagerduty("GET", "/services", pages=True)) if "costs" in one["name"])
    one = next(one for one in service["integrations"] if one["summary"] == "rowan-prod-page-warning")
    built.by_hand(pagerduty("DELETE", f"/services/{service['id']}/integrations/{one['id']}"))
    pending = built.pending(desired)
    assert {"pagerduty.integration.page-warning", "aws.sns.subscription.page-warning"} <= set(pending)
    assert built.apply(desired).good
    built.clock.advance(30)
    built.world.settle()
    built.build(desired)


def test_a_team_that_lost_somebody_is_mended(org, built):
    """Who is in a team is part of the intent."""
    desired, _ = org
    (team,) = built.world.vendors.pagerduty().teams.values()
    gone = next(iter(team["#members"]))
    built.by_hand(pagerduty("DELETE", f"/teams/{team['id']}/users/{gone}"))
    assert built.pending(desired) == {"pagerduty.team.platform": "update"}
    built.build(desired)
    assert gone in team["#members"]


def test_mistakes_are_all_told_at_once_at_their_places():
    """Unknown names, a level without people, a monitor that nobody hears, a query without a threshold."""
    text = SPEC.read_text()
    for good, bad in (
        ("{schedules: [second], after: 10m}", "{after: 90s}"),
        ("policy: office", "policy: ofice"),
        ("threshold: 0, page: warning", "threshold: 0, page: waning"),
        ("{env:prod} > 20", "{env:prod}"),
        ("        notify: [ops@rowan.example]\n", ""),
        ("name: Eva Lind, email: eva@rowan.example", "name: Eva Lind"),
    ):
        assert good in text
        text = text.replace(good, bad)
    with pytest.raises(SpecError) as caught:
        parse(text.encode(), SPEC, environ={})
    rows = text.splitlines()
    told = [(one.code, rows[one.span.line - 1][one.span.column - 1 :]) for one in caught.value.diagnostics]
    expected = [
        ("TW0306", "- {after: 90s}"), ("TW0201", "90s}"), ("TW0301", "ofice"), ("TW0301", "waning"),
        ("TW0699", '"sum(last_5m)'), ("TW0306", "no-jobs"),
    ]  # fmt: skip
    for code, place in expected:
        assert [one for one in told if one[0] == code and place.lstrip("- ") in one[1]], (code, place, told)


def test_people_of_the_workforce_need_no_second_name():
    """A name of the workforce gives name and address; one that is nobody's there must have its own."""
    with pytest.raises(SpecError) as caught:
        parse(
            SPEC.read_text().replace("name: Eva Lind, email: eva@rowan.example", "name: Eva Lind").encode(),
            SPEC,
            environ={},
        )
    (one,) = caught.value.diagnostics
    assert (one.code, one.span.line) == ("TW0105", 23)
    assert "`workforce.people` has nobody of that name" in one.message
