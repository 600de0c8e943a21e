"""What happened, as the vendors' own logs tell it, each read through its API."""

from datetime import UTC, datetime, timedelta

import pytest

from twin.clock import VirtualClock
from twin.engine.connect import twin
from twin.observe.happenings import HIDDEN, Happening, Logs, Wanted, happenings, newest, without_secrets
from twin.report.happenings import cells, document, told
from twin.report.query import Index
from twin.resources.call import Refused, aws, cloudflare, okta
from twin.resources.scope import Scope
from twin.scenario.embedded import endpoints, make_world

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCOPE = Scope("acme", "prod", account="111122223333")
ALARM = {
    "AlarmName": "down", "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
    "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip
VALUE = "hunter2-never-shown"


@pytest.fixture(scope="module")
def logs() -> Logs:
    """An org in which a secret, an alarm, an Okta person and an API token were made, and one call failed."""
    clock = VirtualClock(START)
    world = make_world(SCOPE, seed=1, clock=clock)
    systems = twin(SCOPE, endpoints(world)).systems
    account = world.cloudflare.account_id
    systems["aws"].execute(aws("secretsmanager", "CreateSecret", {"Name": "db", "SecretString": VALUE}))
    systems["aws"].execute(aws("sqs", "ListQueues"))
    with pytest.raises(Refused):
        systems["aws"].execute(aws("sqs", "DeleteQueue", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/none"}))
    systems["aws"].execute(aws("cloudwatch", "PutMetricAlarm", ALARM))
    clock.advance(60)
    systems["aws"].execute(
        aws("cloudwatch", "SetAlarmState", {"AlarmName": "down", "StateValue": "ALARM", "StateReason": "drill"})
    )
    person = {"profile": {"firstName": "E", "lastName": "V", "email": "eve@acme.example", "login": "eve@acme.example"}}
    systems["okta"].execute(okta("POST", "/api/v1/users", json=person))
    systems["cloudflare"].execute(cloudflare("POST", f"/accounts/{account}/tokens", json=_token(account)))
    clock.advance(1200)
    return Logs(systems, ["us-east-1"], account)


def _token(account: str) -> dict[str, object]:
    scope = {f"com.cloudflare.api.account.{account}": "*"}
    group = {"id": "c1fde68c7bcc44588cbb6ddbc16d6480"}
    return {"name": "ci", "policies": [{"effect": "allow", "resources": scope, "permission_groups": [group]}]}


def _found(logs: Logs, **wanted: object) -> list[Happening]:
    found = happenings(logs, Wanted(**wanted))  # type: ignore[arg-type]
    assert found.gaps == ()
    return list(found.events)


def test_four_logs_become_one_the_newest_first(logs: Logs) -> None:
    """Who, what, on what, and how it ended, of each vendor; an error code and an alarm's state are results."""
    found = _found(logs)
    assert {one.source for one in found} == {"trail", "okta", "cloudflare", "alarms"}
    assert [one.time for one in found] == sorted((one.time for one in found), reverse=True)
    by = {one.action: one for one in found}
    assert (by["secretsmanager:CreateSecret"].result, by["secretsmanager:CreateSecret"].source) == ("ok", "trail")
    assert by["sqs:DeleteQueue"].result == "AWS.SimpleQueueService.NonExistentQueue"
    assert (by["alarm:StateUpdate"].resource, by["alarm:StateUpdate"].result) == ("down", "ALARM")
    assert by["user.lifecycle.create"].resource == "eve@acme.example"
    assert any(action.endswith("create") and one.source == "cloudflare" for action, one in by.items())
    assert len({one.id for one in found}) == len(found)


def test_reads_are_asked_for(logs: Logs) -> None:
    """CloudTrail's reads come only with the others when they are wanted."""
    assert "sqs:ListQueues" not in {one.action for one in _found(logs, sources=["trail"])}
    assert "sqs:ListQueues" in {one.action for one in _found(logs, sources=["trail"], reads=True)}


def test_only_what_is_new_is_read(logs: Logs) -> None:
    """Since an instant, and no more than so many of a log; what is asked from the newest on has it again."""
    late = _found(logs, since=START + timedelta(seconds=30))
    assert "secretsmanager:CreateSecret" not in {one.action for one in late}
    assert "alarm:StateUpdate" in {one.action for one in late}
    assert newest(late) == late[0].time
    assert late[0].id in {one.id for one in _found(logs, since=newest(late))}
    assert len(_found(logs, sources=["trail"], most=1)) == 1


def test_a_log_that_refuses_is_a_gap(logs: Logs) -> None:
    """The others are told all the same."""
    found = happenings(Logs(logs.systems, logs.regions, "0" * 32), Wanted())
    assert [gap.partition(":")[0] for gap in found.gaps] == ["cloudflare"]
    assert {one.source for one in found.events} == {"trail", "okta", "alarms"}


def test_no_secret_is_in_what_is_told(logs: Logs) -> None:
    """Neither in CloudTrail's events nor in the others; a name like one is not enough to hide what is none."""
    assert VALUE not in str(document(_found(logs, reads=True)))
    told_ = without_secrets(
        {
            "requestParameters": {"masterUserPassword": VALUE, "secretId": "db", "nested": [{"apiKey": VALUE}]},
            "responseElements": {"credentials": {"sessionToken": VALUE, "accessKeyId": "AKIA1"}},
            "passwordPolicy": "strict", "tokenType": "Bearer", "secretArn": "arn:x", "password": "",
        }
    )  # fmt: skip
    assert VALUE not in str(told_)
    assert told_["requestParameters"] == {
        "masterUserPassword": HIDDEN, "secretId": "db", "nested": [{"apiKey": HIDDEN}],
    }  # fmt: skip
    assert told_["responseElements"]["credentials"]["accessKeyId"] == "AKIA1"
    assert (told_["passwordPolicy"], told_["tokenType"], told_["secretArn"]) == ("strict", "Bearer", "arn:x")


def test_a_filter_finds_an_event_by_its_columns(logs: Logs) -> None:
    """By source, action, result, and by what does not apply."""
    found = _found(logs)
    index = Index.of(found, told)
    assert {found[i].action for i in index.matching("source:trail !result:ok")} == {"sqs:DeleteQueue"}
    assert {found[i].source for i in index.matching("result:alarm")} == {"alarms"}
    assert cells(found[0])[0] == f"{found[0].time:%Y-%m-%d %H:%M:%S}"
