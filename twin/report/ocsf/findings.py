"""GuardDuty's findings: Detection Finding."""

from collections.abc import Mapping
from typing import Any

from twin.observe.happenings import Happening
from twin.report.ocsf.classes import CRITICAL, DETECTION, HIGH, LOW, MEDIUM, Product, Told, endpoint, event, millis
from twin.report.ocsf.original import Original

CREATED, UPDATED, CLOSED = 1, 2, 3
NEW, ARCHIVED = 1, 5
STEPS = ((9, CRITICAL), (7, HIGH), (4, MEDIUM), (0, LOW))
"""From which of GuardDuty's severities on a finding is how grave.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
"""


def form(one: Happening) -> dict[str, Any]:
    """Return one finding."""
    original = Original(one.detail)
    take = original.take
    uid, created, updated = take("Id"), take("CreatedAt"), take("UpdatedAt")
    archived, kind = take("Service", "Archived"), str(take("Type"))
    call = Original(take("Service", "Action", "AwsApiCallAction") or {})
    first, last = take("Service", "EventFirstSeen"), take("Service", "EventLastSeen")
    key = take("Resource", "AccessKeyDetails") or {}
    parts = {
        "finding_info": {
            "uid": uid, "title": take("Title"), "desc": take("Description"), "types": [kind],
            "created_time": millis(created), "modified_time": millis(updated), "first_seen_time": millis(first),
            "last_seen_time": millis(last),
            "product_uid": take("Service", "DetectorId"), "uid_alt": take("Arn"),
        },
        "count": take("Service", "Count"), "start_time": millis(first), "end_time": millis(last),
        "evidences": [{
            "api": {"operation": call.take("Api"), "service": {"name": call.take("ServiceName")}},
            "src_endpoint": endpoint(call.take("RemoteIpDetails", "IpAddressV4"), "guardduty"),
            "actor": {"user": _caller(key)},
        }],
        "resources": _resources(original, key),
        "cloud": {
            "provider": "AWS", "region": take("Region"),
            "account": {"uid": take("AccountId"), "type": "AWS Account", "type_id": 10},
        },
    }  # fmt: skip
    if left := call.rest():
        original.keep("AwsApiCallAction", left)
    activity = CLOSED if archived else (CREATED if created == updated else UPDATED)
    severity = float(take("Severity") or 0)
    told = Told(DETECTION, activity, kind, next(grave for least, grave in STEPS if severity >= least))
    product = Product("AWS", "GuardDuty", uid, updated, ("cloud",))
    made = event(one, told, product, parts, left=original)
    state = ARCHIVED if archived else NEW
    return {**made, "status_id": state, "status": {NEW: "New", ARCHIVED: "Archived"}[state]}


def _caller(key: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": key.get("UserName"), "uid": key.get("PrincipalId"), "credential_uid": key.get("AccessKeyId"),
        "type": key.get("UserType"), "type_id": {"Root": 2, "IAMUser": 1}.get(str(key.get("UserType")), 99),
    }  # fmt: skip


def _resources(original: Original, key: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a finding is about: its buckets, or the key that was used."""
    kind = original.take("Resource", "ResourceType")
    buckets = original.take("Resource", "S3BucketDetails") or ()
    found = [{"uid": one.get("Arn"), "name": one.get("Name"), "type": kind} for one in buckets]
    return found or ([{"uid": key.get("AccessKeyId"), "name": key.get("UserName"), "type": kind}] if key else [])
