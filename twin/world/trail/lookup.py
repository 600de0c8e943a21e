"""LookupEvents: the management events of an account and Region, newest first.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.trail.evidence import Evidence, Witnessed
from twin.world.trail.facts import data_type, days, event_name, event_region, event_source, read_only, seconds
from twin.world.trail.resources import looked_up

AVAILABLE_AFTER = seconds("lookup_after_seconds")
KEPT = days("lookup_days")
PAGE = 50
Test = Callable[[Witnessed], bool]
# The attributes that a call shows without its event being written.
QUICK: dict[str, Callable[[Witnessed], str]] = {
    "EventName": lambda entry: event_name(entry.service, entry.operation),
    "EventSource": lambda entry: event_source(entry.service),
    "ReadOnly": lambda entry: "true" if read_only(entry.service, entry.operation) else "false",
    "AccessKeyId": lambda entry: str(entry.identity.get("accessKeyId", "")),
    "Username": lambda entry: user_name(entry.identity),
}
RESOURCES = {"ResourceType", "ResourceName"}


def user_name(identity: dict[str, Any]) -> str:
    """Return the name of a caller: the user's, the role session's, `root`."""
    if identity["type"] == "Root":
        return "root"
    if identity["type"] == "AssumedRole":
        return str(identity["principalId"]).partition(":")[2]
    if identity["type"] == "FederatedUser":
        return str(identity["principalId"]).rpartition(":")[2]
    return str(identity.get("userName", ""))


class Lookup:
    """Answers LookupEvents from the evidence."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def answer(self, call: Call, now: datetime) -> dict[str, Any]:
        """Return one page of events."""
        asked = call.parse()
        if (asked.get("EventCategory") or "") == "insight":
            return {"Events": []}
        start, end = _instant(asked.get("StartTime")), _instant(asked.get("EndTime"))
        if start and end and start > end:
            raise AwsError("InvalidTimeRangeException", "The start time must be before the end time.")
        size = int(asked.get("MaxResults") or PAGE)
        if not 1 <= size <= PAGE:
            raise AwsError("InvalidMaxResultsException", f"MaxResults must be between 1 and {PAGE}.")
        query = _digest(call, asked)
        last, until = _resume(asked.get("NextToken"), query, default=(len(self._evidence), now))
        oldest = max(start, now - KEPT) if start else now - KEPT
        newest = min(end, until - AVAILABLE_AFTER) if end else until - AVAILABLE_AFTER
        wanted = self._test(call, asked)
        page: list[dict[str, Any]] = []
        number = last
        while number > 0:
            entry = self._evidence.call(number - 1)
            if entry.time < oldest:
                break
            if entry.time <= newest and wanted(entry):
                if len(page) == size:
                    return {"Events": page, "NextToken": _token(number, until, query)}
                page.append(self._listed(entry))
            number -= 1
        return {"Events": page}

    def _test(self, call: Call, asked: dict[str, Any]) -> Test:
        attributes = asked.get("LookupAttributes") or []
        if len(attributes) > 1:
            raise AwsError("InvalidLookupAttributesException", "You can only specify one lookup attribute.")
        matches = self._matches(attributes[0]) if attributes else lambda entry: True

        def test(entry: Witnessed) -> bool:
            return (
                entry.account == call.account
                and entry.recordable
                and event_region(entry.service, entry.region) == call.region
                and data_type(entry.service, entry.operation) is None
                and matches(entry)
            )

        return test

    def _matches(self, attribute: dict[str, str]) -> Test:
        key, value = attribute.get("AttributeKey", ""), attribute.get("AttributeValue", "")
        if key == "EventId":
            return lambda entry: self._evidence.event_id(entry.number) == value
        if key in QUICK:
            told = QUICK[key]
            return lambda entry: told(entry) == value
        if key in RESOURCES:
            return lambda entry: any(
                resource[key] == value for resource in looked_up(entry.service, self._evidence.event(entry.number))
            )
        raise AwsError("InvalidLookupAttributesException", f"The lookup attribute {key} is not supported.")

    def _listed(self, entry: Witnessed) -> dict[str, Any]:
        event = self._evidence.event(entry.number)
        listed = {
            "EventId": event["eventID"],
            "EventName": event["eventName"],
            "ReadOnly": "true" if event["readOnly"] else "false",
            "EventTime": entry.time.replace(microsecond=0),
            "EventSource": event["eventSource"],
            "Username": user_name(entry.identity),
            "Resources": looked_up(entry.service, event),
            "CloudTrailEvent": json.dumps(event, separators=(",", ":"), default=str),
        }
        key = entry.identity.get("accessKeyId")
        return listed | ({"AccessKeyId": key} if key else {})


def _instant(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)  # type: ignore[no-any-return]


def _digest(call: Call, asked: dict[str, Any]) -> str:
    query = {name: value for name, value in asked.items() if name not in ("NextToken", "MaxResults")}
    text = json.dumps([call.account, call.region, query], sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def _token(number: int, until: datetime, query: str) -> str:
    return base64.b64encode(json.dumps([number, until.isoformat(), query]).encode()).decode()


def _resume(token: str | None, query: str, *, default: tuple[int, datetime]) -> tuple[int, datetime]:
    if not token:
        return default
    try:
        number, until, asked = json.loads(base64.b64decode(token, validate=True))
        resumed = int(number), datetime.fromisoformat(until)
    except (ValueError, TypeError) as broken:
        raise AwsError("InvalidNextTokenException", "The token is not valid.") from broken
    if asked != query or resumed[0] > default[0]:
        raise AwsError("InvalidNextTokenException", "The token is for another request.")
    return resumed
