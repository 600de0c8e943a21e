"""The Amazon CloudWatch integration: an address that SNS is subscribed to, which opens and resolves by alarm.

https://support.pagerduty.com/main/docs/aws-cloudwatch-integration-guide: the subscription is confirmed by itself. What
it makes of messages is not documented; by http://cetinich.net/content/2022/cloudwatch-pagerduty-sns/ the subject
begins with the state and the message is JSON with the same `NewStateValue`, and what is not so is dropped.
"""

import json
from urllib.parse import urlsplit

from twin.semantics.oncall.addresses import CLOUDWATCH
from twin.wire import Response
from twin.world.saas.pagerduty.errors import EventError, event_invalid
from twin.world.saas.pagerduty.events import integration, urgency
from twin.world.saas.pagerduty.incident_life import opened, resolve, trigger
from twin.world.saas.pagerduty.state import ROUTER, Account, Record
from twin.world.saas.router import Hit, json_response

VISIT = "pagerduty.visit"
CONFIRMS_AFTER = 1
VIA = {"type": "aws_cloudwatch"}
STATES = ("ALARM", "OK")


@ROUTER.route("POST", "/integration/<key>/enqueue")
def enqueue(account: Account, hit: Hit) -> Response:
    """Take what SNS brings."""
    found = integration(account, hit.path["key"])
    if found is None or found[0]["type"] != CLOUDWATCH:
        raise event_invalid("Service key is invalid")
    told = event_of(hit.request.body)
    if told.get("Type") == "SubscriptionConfirmation":
        confirm(account, told)
    elif told.get("Type") == "Notification":
        _notified(account, found[1], told)
    return json_response(200, {"status": "success", "message": "Event processed"})


def confirm(account: Account, told: Record) -> None:
    """Visit the address by which SNS has a subscription confirmed, a little later."""
    given = str(told.get("SubscribeURL"))
    try:
        urlsplit(given)
    except ValueError as broken:
        raise event_invalid("SubscribeURL is invalid") from broken
    account.agenda.after(CONFIRMS_AFTER, VISIT, url=given)


def event_of(body: bytes) -> Record:
    """Read what was brought."""
    try:
        told = json.loads(body)
    except ValueError as broken:
        raise EventError(400, "invalid event", "Event object is invalid", ["JSON parse error"]) from broken
    if not isinstance(told, dict):
        raise event_invalid("Event object is not an object")
    return told


def _notified(account: Account, service: Record, told: Record) -> None:
    state = str(told.get("Subject") or "").partition(":")[0]
    try:
        alarm = json.loads(str(told.get("Message")))
    except ValueError:
        alarm = None
    if not isinstance(alarm, dict) or state not in STATES or alarm.get("NewStateValue") != state:
        account.tell("pagerduty.event.dropped", service=service["id"], name=service["name"], reason="not an alarm")
        return
    key = str(alarm.get("AlarmArn") or alarm.get("AlarmName") or told.get("TopicArn"))
    held = opened(account, service["id"], key)
    if state == "ALARM":
        shown: Record = {"title": str(told["Subject"]), "incident_key": key, "urgency": urgency(service, "critical")}
        shown["body"] = {"type": "incident_body", "details": alarm.get("NewStateReason")}
        trigger(account, service, shown, via=VIA)
    elif held is not None:
        resolve(account, held, None, via=VIA)
