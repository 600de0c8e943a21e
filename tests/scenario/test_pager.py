"""What a pager shows of the messages that wake somebody, and credentials in the forms in which they are saved."""

import json
from datetime import UTC, datetime
from random import Random

import pytest
from small_org import Theatre, journal

from twin.scenario.credentials import are_credentials, credentials
from twin.scenario.on_call import Alert, Person
from twin.scenario.pager import about
from twin.scenario.people import reaction

EVENT = {"detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": "CreateUser"}}
ALARM = {"AlarmName": "secrets-read", "NewStateValue": "ALARM"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (json.dumps(EVENT), "CreateUser"),
        (json.dumps({"Type": "Notification", "Message": json.dumps(EVENT)}), "CreateUser"),
        (json.dumps({"Message": json.dumps(ALARM)}), "secrets-read is ALARM"),
        (json.dumps({"Subject": "hello", "Message": "plain"}), "hello"),
        (json.dumps({"detail-type": "GuardDuty Finding", "detail": {"type": "Recon:IAMUser"}}), "Recon:IAMUser"),
        ("no JSON", "a message"),
    ],
    ids=["event", "event by SNS", "alarm", "subject", "finding", "text"],
)
def test_a_message_is_told_in_a_few_words(body, told):
    """The call of an event, the alarm and its state, else the subject."""
    assert about(body) == told


def test_credentials_are_read_in_each_form_and_others_are_refused():
    """A reply of STS, what the org keeps in a secret, its text; a token only where there is one."""
    reply = {"AccessKeyId": "ASIA1", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": 0}
    assert credentials(reply) == {"access_key_id": "ASIA1", "secret_access_key": "s", "session_token": "t"}
    kept = {"access_key_id": "AKIA1", "secret_access_key": "s"}
    assert credentials(kept) == credentials(json.dumps(kept)) == credentials({**kept, "session_token": None}) == kept
    assert not are_credentials({"AccessKeyId": "AKIA1"})
    with pytest.raises(ValueError, match="no credentials"):
        credentials("key")


def test_a_message_is_found_when_it_comes_into_sight(small_org, tmp_path):
    """Nobody does anything meanwhile: at the look after its delay, not at the next call of somebody else."""
    url = "${aws.sqs.queue.jobs.id}"
    late = {"call": "sqs:SendMessage", "with": {"QueueUrl": url, "MessageBody": "x", "DelaySeconds": 590}}
    change = {"setup": {"late": late}, "actors": None, "effects": None, "expect": {"nobody-fails": None}}
    result = Theatre(small_org, tmp_path)(change, begin={"alerted": url, "every": "15s", "unprovoked": True})
    (line,) = journal(result, "alerted")
    assert line["t"] == 600


def test_journal_lists_the_figures_for_whoever_was_woken(small_org, tmp_path):
    """Both times that somebody takes, by the hour of that person, with where they are from; a fixed time has none."""
    url = "${aws.sqs.queue.jobs.id}"
    sent = {"call": "sqs:SendMessage", "with": {"QueueUrl": url, "MessageBody": "x"}}
    change = {"setup": {"late": sent}, "actors": None, "effects": None, "expect": {"nobody-fails": None}}
    play = Theatre(small_org, tmp_path)
    for more, expected in (({"who": {}}, {"people.notice", "people.start"}), ({"then": "5m"}, set())):
        result = play(change, begin={"alerted": url, "every": "15s", "unprovoked": True, **more})
        listed = {line["name"]: line["read"] for line in journal(result, "delay") if line["name"].startswith("people.")}
        assert {name.rpartition(".")[0] for name in listed} == expected
        assert set(listed.values()) <= {"assumed"}


class Patient(Random):
    """Chance that gives up on whoever never has enough of it."""

    draws = 0

    def random(self):
        """Draw, a thousand times at most."""
        self.draws += 1
        assert self.draws < 1000, "nobody ever notices"
        return super().random()


@pytest.mark.parametrize("pages", [20, 40])
def test_whoever_was_paged_all_day_notices_in_the_end(pages):
    """However tired, nobody misses every page for good: a run comes to its end, by night too."""
    night = datetime(2026, 1, 5, 2, tzinfo=UTC)
    times = [reaction(Person(pages_before=pages), Patient(seed), night) for seed in range(50)]
    assert sorted(times)[25] > sorted(reaction(Person(), Patient(seed), night) for seed in range(50))[25]


def test_whoever_reads_a_queue_takes_as_long_as_people_do(small_org, tmp_path):
    """By night longer than by day, tired longer than fresh; a message about something else wakes nobody."""
    night, noon = (datetime(2026, 1, 5, hour, tzinfo=UTC) for hour in (2, 12))

    def took(person, now):
        return [reaction(person, Random(seed), now) for seed in range(200)]

    day, asleep, tired = took(Person(), noon), took(Person(), night), took(Person(pages_before=4), noon)
    assert day == took(Person(), noon)
    assert (min(day) >= 90, sorted(day)[100] < 540, len(set(day)) > 150) == (True, True, True)
    assert min(asleep) >= 720
    assert sum(tired) > 1.4 * sum(day)
    assert max(day) > 540  # somebody missed the first page, and was told again

    url = "${aws.sqs.queue.jobs.id}"
    other, right = (
        {"call": "sqs:SendMessage", "with": {"QueueUrl": url, "MessageBody": text, "DelaySeconds": delay}}
        for text, delay in (("a finding", 0), ("the key goes", 590))
    )
    change = {
        "setup": {"other": other, "right": right},
        "actors": None, "effects": None, "expect": {"nobody-fails": None},
    }  # fmt: skip
    begin = {"alerted": url, "every": "15s", "unprovoked": True, "about": "key", "who": {"time_zone": "UTC"}}
    result = Theatre(small_org, tmp_path)(change, begin=begin)
    assert [line["t"] for line in journal(result, "alerted")] == [600]
    assert (result.figures["alert.ttd"], result.figures["alert.ttn"] >= 90) == (600, True)


def test_whoever_cannot_be_reached_notices_nothing(small_org, tmp_path):
    """The message is there, and nobody begins: the run says that the person is missing, and not the message."""
    url = "${aws.sqs.queue.jobs.id}"
    change = {
        "setup": {"tell": {"call": "sqs:SendMessage", "with": {"QueueUrl": url, "MessageBody": "x"}}},
        "actors": None, "effects": None, "expect": {"nobody-fails": None},
    }  # fmt: skip
    theatre = Theatre(small_org, tmp_path)
    for reachable, verdict in ((True, "PASS"), (False, "FAIL")):
        begin = {"alerted": url, "unprovoked": True, "who": {"reachable": reachable}}
        result = theatre(change, begin=begin)
        assert (result.verdict, result.figures["alert.ttd"]) == (verdict, 0), result.reason
        assert (result.figures["alert.ttn"] is None, "cannot be reached" in result.reason) == (not reachable,) * 2
    assert [line["why"] for line in journal(result, "unnoticed")] == ["nobody who reads it can be reached"]


def test_a_time_that_is_told_and_somebody_who_takes_it_exclude_each_other():
    """Both would say how long it takes."""
    with pytest.raises(ValueError, match="as long as people do"):
        Alert.model_validate({"alerted": "q", "then": "5m", "who": {}})
