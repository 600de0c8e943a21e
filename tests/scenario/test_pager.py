"""What a pager shows of the messages that wake somebody, and credentials in the forms in which they are saved."""

import json

import pytest
from small_org import Theatre, journal, small_org

from twin.scenario.credentials import are_credentials, credentials
from twin.scenario.pager import about

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


def test_a_message_is_found_when_it_comes_into_sight(tmp_path):
    """Nobody does anything meanwhile: at the look after its delay, not at the next call of somebody else."""
    url = "${aws.sqs.queue.jobs.id}"
    late = {"call": "sqs:SendMessage", "with": {"QueueUrl": url, "MessageBody": "x", "DelaySeconds": 590}}
    change = {"setup": {"late": late}, "actors": None, "effects": None, "expect": {"nobody-fails": None}}
    result = Theatre(small_org(), tmp_path)(change, begin={"alerted": url, "every": "15s", "unprovoked": True})
    (line,) = journal(result, "alerted")
    assert line["t"] == 600
