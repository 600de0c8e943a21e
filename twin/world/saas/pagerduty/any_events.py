"""Events of any form, by the key of an Events API integration: what SNS brings of rules, findings and budgets.

https://support.pagerduty.com/main/docs/aws-guardduty-integration-guide (that of Security Hub says the same): the
subscription is confirmed by itself, and the events generate incidents of the service; raw messages are taken too.
Without rules of its own nothing resolves them. Title and key of an incident are assumed: SNS's subject, else how
EventBridge names the event, else the text; and the message's id, so that a delivery that is repeated is no second one.
"""

import json
from typing import Any

from twin.semantics.oncall.addresses import CLOUDWATCH
from twin.wire import Response
from twin.world.saas.pagerduty.cloudwatch_events import confirm, event_of
from twin.world.saas.pagerduty.errors import event_invalid
from twin.world.saas.pagerduty.events import integration, urgency
from twin.world.saas.pagerduty.figures import figure
from twin.world.saas.pagerduty.incident_life import trigger
from twin.world.saas.pagerduty.state import ROUTER, Account, Record
from twin.world.saas.router import Hit, json_response

VIA = {"type": "api"}
SEVERITY = "critical"


@ROUTER.route("POST", "/x-ere/<key>")
def take(account: Account, hit: Hit) -> Response:
    """Confirm a subscription, or open an incident of an event."""
    found = integration(account, hit.path["key"])
    if found is None or found[0]["type"] == CLOUDWATCH:
        raise event_invalid("Service key is invalid")
    told = event_of(hit.request.body)
    if told.get("Type") == "SubscriptionConfirmation":
        confirm(account, told)
    else:
        _open(account, found[1], told)
    return json_response(202, {"status": "success", "message": "Event processed"})


def _open(account: Account, service: Record, told: Record) -> None:
    message = told.get("Message", told)
    key = str(told.get("MessageId") or told.get("id") or account.ids.hex(32))
    shown: Record = {"title": _title(told, message)[: figure("summary_length")], "incident_key": key}
    shown |= {"urgency": urgency(service, SEVERITY), "body": {"type": "incident_body", "details": message}}
    trigger(account, service, shown, via=VIA)


def _title(told: Record, message: Any) -> str:
    """Say what an event is about."""
    if told.get("Subject"):
        return str(told["Subject"])
    try:
        event = json.loads(message) if isinstance(message, str) else message
    except ValueError:
        return str(message)
    if not isinstance(event, dict) or "detail-type" not in event:
        return message if isinstance(message, str) else json.dumps(message)
    detail = event.get("detail")
    about = detail.get("title") or detail.get("type") or detail.get("eventName") if isinstance(detail, dict) else None
    return f"{event['detail-type']}: {about}" if about else str(event["detail-type"])
