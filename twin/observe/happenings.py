"""What happened in an org, by the logs of its vendors: trail, GuardDuty, Okta, Cloudflare, alarms, flow logs."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from twin.observe.flows import flows_of
from twin.observe.happening import OK, Happening
from twin.resources.call import Refused, aws, cloudflare, okta
from twin.resources.transport import System

__all__ = ["EVERY", "OK", "SOURCES", "Happening", "Happenings", "Logs", "Wanted", "happenings"]
SOURCES = ("trail", "guardduty", "okta", "cloudflare", "alarms")
EVERY = (*SOURCES, "flows")
"""Flow logs are read where they are asked for: they have many records, and no caller."""
HIDDEN = "(secret)"
_SECRET = re.compile(
    r"pass(word|phrase)|secret(?!s?manager|_?arn|_?id|_?name)|token(?!id|_?id|name)|private_?key|api_?key|authorization|cookie"
    r"|client_?secret|assertion|credential_?(value|secret)",
    re.IGNORECASE,
)  # fmt: skip
_EXEMPT = re.compile(r"(ExpirationDate|ExpiresIn|Arn|Length|Policy|Enabled|Count|Type|Status)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: from which logs, since when (as far back as a log goes without it), how many of each at most.

    Without `reads` CloudTrail is asked only for events that change something.
    """

    sources: Sequence[str] = SOURCES
    since: datetime | None = None
    most: int = 200
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Happenings:
    """The events, the newest first, and what would not tell."""

    events: tuple[Happening, ...]
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logs:
    """Where the logs are: a target's systems, the Regions of the account, the account at Cloudflare."""

    systems: Mapping[str, System]
    regions: Sequence[str]
    cloudflare_account: str = ""


def happenings(logs: Logs, wanted: Wanted) -> Happenings:
    """Read the logs; one that refuses is a gap. TargetError when nobody answers."""
    found: list[Happening] = []
    gaps: list[str] = []
    for name in wanted.sources:
        for read in _READERS[name](logs, wanted):
            try:
                found += islice(read, wanted.most)
            except Refused as refused:
                gaps.append(f"{name}: {refused}")
    # By time alone: what a log tells of one second, it tells in its order.
    found.sort(key=lambda one: one.time, reverse=True)
    return Happenings(tuple({one.id: one for one in found}.values()), tuple(gaps))


def _trail(logs: Logs, wanted: Wanted) -> Iterator[Iterator[Happening]]:
    if "aws" in logs.systems:
        yield from (_trail_of(logs.systems["aws"], region, wanted) for region in logs.regions)


def _trail_of(system: System, region: str, wanted: Wanted) -> Iterator[Happening]:
    attributes = None if wanted.reads else [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    asked = {"StartTime": wanted.since, "LookupAttributes": attributes, "MaxResults": min(wanted.most, 50)}
    token = None
    while True:
        reply = system.execute(aws("cloudtrail", "LookupEvents", {**asked, "NextToken": token}, region=region))
        for one in reply.get("Events") or ():
            resource = next((item.get("ResourceName", "") for item in one.get("Resources") or ()), "")
            yield of_trail(json.loads(one["CloudTrailEvent"]), resource)
        token = reply.get("NextToken")
        if not token:
            return


def of_trail(event: Mapping[str, Any], resource: str = "") -> Happening:
    """Return an event as CloudTrail writes it; `resource` is the name of what it was done to, if that is known."""
    service = event["eventSource"].partition(".")[0]
    return Happening(
        event["eventID"], _utc(event["eventTime"]), "trail", _who(event.get("userIdentity") or {}),
        f"{service}:{event['eventName']}", event.get("errorCode") or OK, resource, event.get("awsRegion", ""),
        without_secrets(event),
    )  # fmt: skip


def _who(identity: Mapping[str, Any]) -> str:
    """Return who a call was made by: the ARN after its account, the service, or the type of what has no ARN."""
    arn = str(identity.get("arn") or "")
    if arn:
        return arn.split(":", 5)[-1]
    named = identity.get("invokedBy") or identity.get("userName") or identity.get("principalId")
    return str(named or identity.get("type") or "")


def _findings(logs: Logs, wanted: Wanted) -> Iterator[Iterator[Happening]]:
    if "aws" in logs.systems:
        yield from (_findings_of(logs.systems["aws"], region, wanted) for region in logs.regions)


def _findings_of(system: System, region: str, wanted: Wanted) -> Iterator[Happening]:
    """Read the findings of a Region's detector that changed last; one that is told again is told as it is now."""
    since = {"updatedAt": {"GreaterThanOrEqual": _millis(wanted.since)}} if wanted.since is not None else {}
    asked = {
        "SortCriteria": {"AttributeName": "updatedAt", "OrderBy": "DESC"}, "MaxResults": min(wanted.most, 50),
        "FindingCriteria": {"Criterion": since} if since else None,
    }  # fmt: skip
    for detector in system.execute(aws("guardduty", "ListDetectors", {}, region=region)).get("DetectorIds") or ():
        token = None
        while token != "":
            listed = system.execute(
                aws("guardduty", "ListFindings", {"DetectorId": detector, **asked, "NextToken": token}, region=region)
            )
            token = listed.get("NextToken") or ""
            if ids := listed.get("FindingIds"):
                told = {"DetectorId": detector, "FindingIds": ids}
                found = system.execute(aws("guardduty", "GetFindings", told, region=region))["Findings"]
                yield from (_finding(one, region) for one in found)


def _finding(one: Mapping[str, Any], region: str) -> Happening:
    key, buckets = ((one.get("Resource") or {}).get(name) or {} for name in ("AccessKeyDetails", "S3BucketDetails"))
    bucket = next((each.get("Name", "") for each in buckets), "")
    return Happening(
        f"{one['Id']} {one['UpdatedAt']}", _utc(one["UpdatedAt"]), "guardduty", str(key.get("UserName") or ""),
        one["Type"], f"severity {one['Severity']}", bucket or str(key.get("AccessKeyId") or ""), region,
        without_secrets(one),
    )  # fmt: skip


def _alarms(logs: Logs, wanted: Wanted) -> Iterator[Iterator[Happening]]:
    if "aws" in logs.systems:
        yield from (_alarms_of(logs.systems["aws"], region, wanted) for region in logs.regions)


def _alarms_of(system: System, region: str, wanted: Wanted) -> Iterator[Happening]:
    asked = {
        "StartDate": wanted.since, "ScanBy": "TimestampDescending", "MaxRecords": min(wanted.most, 100),
        "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
    }  # fmt: skip
    token = None
    while True:
        reply = system.execute(aws("cloudwatch", "DescribeAlarmHistory", {**asked, "NextToken": token}, region=region))
        for one in reply.get("AlarmHistoryItems") or ():
            data = json.loads(one.get("HistoryData") or "{}")
            state = (data.get("newState") or {}).get("stateValue") or OK
            time, kind, name = _utc(one["Timestamp"]), one["HistoryItemType"], one["AlarmName"]
            told = {**{key: value for key, value in one.items() if key != "HistoryData"}, "HistoryData": data}
            yield Happening(
                f"alarm {region} {name} {time.isoformat()} {kind}", time, "alarms", "cloudwatch", f"alarm:{kind}",
                state, name, region, without_secrets(told),
            )  # fmt: skip
        token = reply.get("NextToken")
        if not token:
            return


def _flows(logs: Logs, wanted: Wanted) -> Iterator[Iterator[Happening]]:
    if "aws" in logs.systems:
        system = logs.systems["aws"]
        yield from (flows_of(system, region, since=wanted.since, most=wanted.most) for region in logs.regions)


def _okta(logs: Logs, wanted: Wanted) -> Iterator[Iterator[Happening]]:
    if "okta" in logs.systems:
        yield _system_log(logs.systems["okta"], wanted)


def _system_log(system: System, wanted: Wanted) -> Iterator[Happening]:
    """Read the newest events; one page, of which Okta gives up to a thousand."""
    query: dict[str, Any] = {"sortOrder": "DESCENDING", "limit": min(wanted.most, 1000)}
    if wanted.since is not None:
        query["since"] = _stamp(wanted.since)
    yield from map(of_okta, system.execute(okta("GET", "/api/v1/logs", query=query)) or ())


def of_okta(event: Mapping[str, Any]) -> Happening:
    """Return an event of the System Log."""
    actor, outcome = event.get("actor") or {}, event.get("outcome") or {}
    result = str(outcome.get("result") or "")
    targets = [one.get("alternateId") or one.get("displayName") or "" for one in event.get("target") or ()]
    return Happening(
        event["uuid"], _utc(event["published"]), "okta", str(actor.get("alternateId") or actor.get("id") or ""),
        event["eventType"], OK if result == "SUCCESS" else str(outcome.get("reason") or result),
        next(iter(targets), ""), "", without_secrets(event),
    )  # fmt: skip


def _cloudflare(logs: Logs, wanted: Wanted) -> Iterator[Iterator[Happening]]:
    if "cloudflare" in logs.systems and logs.cloudflare_account:
        yield _audit_log(logs.systems["cloudflare"], logs.cloudflare_account, wanted)


def _audit_log(system: System, account: str, wanted: Wanted) -> Iterator[Happening]:
    page, size = 1, min(wanted.most, 1000)
    while True:
        query: dict[str, Any] = {"direction": "desc", "per_page": size, "page": page}
        if wanted.since is not None:
            query["since"] = _stamp(wanted.since)
        entries = system.execute(cloudflare("GET", f"/accounts/{account}/audit_logs", query=query)) or ()
        yield from map(of_cloudflare, entries)
        if len(entries) < size:
            return
        page += 1


def of_cloudflare(entry: Mapping[str, Any]) -> Happening:
    """Return an entry of the audit log."""
    actor, action, thing = (entry.get(name) or {} for name in ("actor", "action", "resource"))
    result = OK if action.get("result") else "failed"
    return Happening(
        entry["id"], _utc(entry["when"]), "cloudflare", str(actor.get("email") or actor.get("id") or ""),
        f"{thing.get('type', '')}:{action.get('type', '')}", result, str(thing.get("id") or ""), "",
        without_secrets(entry),
    )  # fmt: skip


_READERS: Mapping[str, Callable[[Logs, Wanted], Iterator[Iterator[Happening]]]] = {
    "trail": _trail, "guardduty": _findings, "okta": _okta, "cloudflare": _cloudflare, "alarms": _alarms,
    "flows": _flows,
}  # fmt: skip


def without_secrets(value: Any, name: str = "") -> Any:
    """Return an event without the values of what is named like a secret."""
    if isinstance(value, Mapping):
        return {key: without_secrets(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_secrets(inner, name) for inner in value]
    secret = isinstance(value, str) and value and _SECRET.search(name) and not _EXEMPT.search(name)
    return HIDDEN if secret else value


def _utc(time: datetime | str) -> datetime:
    read = datetime.fromisoformat(time) if isinstance(time, str) else time
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _millis(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def oldest_first(found: Iterable[Happening]) -> list[Happening]:
    """Return events that are told the newest first in the order in which they happened."""
    return sorted(found, key=lambda one: one.time, reverse=True)[::-1]


def newest(found: Sequence[Happening], default: datetime | None = None) -> datetime | None:
    """Return from when on to ask for what is new: the instant of the newest event, which is then told twice."""
    return max((one.time for one in found), default=default)


def older(now: datetime, seconds: float) -> datetime:
    """Return the instant so many seconds before another."""
    return now - timedelta(seconds=seconds)
