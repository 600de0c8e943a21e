"""GuardDuty finds what calls show, some minutes later, once per subject; what happens again is counted and told later.

Detectors see their own account and Region; findings are not copied to an administrator account.
"""

import json
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens, witnesses
from twin.world.behaviors.guardduty_types import Seen, seen_in
from twin.world.scene import Scene
from twin.world.signals.finding_criteria import meets, value_at
from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import event_name, event_region, event_source

PROVIDES = {"guardduty-findings": "GuardDuty finds stopped trails, opened buckets, root's keys and attackers' systems."}
FINDINGS, WATCHED = "guardduty.findings", "guardduty.watched"
PAGE = 50
DEFAULT_FREQUENCY = "SIX_HOURS"
Findings = dict[str, dict[str, Any]]


@witnesses
def watch(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Note what a call shows, where a detector sees it."""
    if entry.status >= 400 or entry.identity.get("type") == "AWSService":
        return
    region = event_region(entry.service, entry.region)
    watched = scene.memory.get(WATCHED, ())
    detector = _detector(scene, entry.account, region) if (entry.account, region) in watched else None
    if detector is None:
        return
    for seen in seen_in(scene, entry):
        _note(scene, detector, seen, entry=entry)


@follows("guardduty", "CreateDetector")
def begun(done: Done, scene: Scene) -> None:
    """Watch an account and Region from now on."""
    scene.memory.setdefault(WATCHED, set()).add((done.call.account, done.call.region))


def _detector(scene: Scene, account: str, region: str) -> Any:
    detectors = scene.state("guardduty", account, region).detectors.values()
    return next((one for one in detectors if one.enabled), None)


def _note(scene: Scene, detector: Any, seen: Seen, *, entry: Witnessed) -> None:
    region = event_region(entry.service, entry.region)
    subject = seen.bucket or str(entry.identity.get("arn") or entry.identity.get("principalId") or "")
    kept: dict[str, Any] = scene.memory.setdefault(FINDINGS, {}).setdefault((entry.account, region, detector.id), {})
    key = f"{seen.type}|{subject}"
    known = kept.get(key)
    if known is None or known["archived"]:
        kept[key] = {
            "seen": tuple(seen),
            "first": entry.number,
            "last": entry.number,
            "count": 1,
            "archived": False,
            "finding": None,
        }
        told = {"account": entry.account, "region": region, "detector": detector.id, "key": key}
        scene.after(scene.delay("guardduty_findings.detection"), "guardduty.find", **told)
        if known is not None:
            kept[f"{key}|{known['finding']['Id']}"] = known
        return
    known |= {"last": entry.number, "count": known["count"] + 1}
    if known["finding"] is not None and not known.get("due"):
        known["due"] = True
        frequency = detector.finding_publish_freq or DEFAULT_FREQUENCY
        told = {"account": entry.account, "region": region, "detector": detector.id, "key": key}
        scene.after(scene.delay(f"guardduty_findings.{frequency}"), "guardduty.find", **told)


@happens("guardduty.find")
def find(scene: Scene, *, account: str, region: str, detector: str, key: str) -> None:
    """Make a finding, or bring it up to date, and tell it unless a filter suppresses it."""
    kept = scene.memory[FINDINGS][account, region, detector].get(key)
    held = scene.state("guardduty", account, region).detectors.get(detector)
    if kept is None or held is None:
        return
    kept["due"] = False
    fresh = kept["finding"] is None
    made = _finding(scene, kept, account=account, region=region, detector=detector)
    if not fresh:
        made |= {name: kept["finding"][name] for name in ("Id", "Arn", "CreatedAt")}
    kept["finding"] = made
    if _suppressed(held, made):
        kept["archived"] = made["Service"]["Archived"] = True
        return
    where = {"account": account, "region": region}
    what = "made" if fresh else "updated"
    scene.emit(f"guardduty.finding.{what}", **where, id=made["Id"], type=made["Type"])
    detail = _camel(made)
    scene.emit(
        "aws.event", **where, source="aws.guardduty", detail_type="GuardDuty Finding", resources=[], detail=detail
    )


def _suppressed(detector: Any, finding: dict[str, Any]) -> bool:
    for one in detector.filters.values():
        criteria = one.finding_criteria
        pascal = {"Criterion": criteria.get("criterion") or criteria.get("Criterion") or {}}
        pascal = {"Criterion": {field: {k[:1].upper() + k[1:]: v for k, v in conditions.items()}
                                for field, conditions in pascal["Criterion"].items()}}  # fmt: skip
        if one.action == "ARCHIVE" and meets(finding, pascal):
            return True
    return False


def _finding(scene: Scene, kept: dict[str, Any], *, account: str, region: str, detector: str) -> dict[str, Any]:
    seen, evidence = Seen(*kept["seen"]), scene.gateway.cloudtrail.evidence
    first, last = evidence.call(kept["first"]), evidence.call(kept["last"])
    id_, now = scene.ids("guardduty").hex(32), _instant(scene.now())
    user = last.identity
    key = {
        "AccessKeyId": str(user.get("accessKeyId") or ""),
        "PrincipalId": str(user.get("principalId") or ""),
        "UserName": str(user.get("userName") or "Root" if user.get("type") == "Root" else user.get("userName") or ""),
        "UserType": str(user.get("type") or ""),
    }
    resource: dict[str, Any] = {"ResourceType": "AccessKey", "AccessKeyDetails": key}
    if seen.bucket is not None:
        bucket = {"Name": seen.bucket, "Arn": f"arn:aws:s3:::{seen.bucket}", "Type": "Destination"}
        resource |= {"ResourceType": "S3Bucket", "S3BucketDetails": [bucket]}
    call = {
        "Api": event_name(last.service, last.operation),
        "CallerType": "Remote IP",
        "ServiceName": event_source(last.service),
        "RemoteIpDetails": {"IpAddressV4": last.source},
    }
    return {
        "AccountId": account,
        "Arn": f"arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{id_}",
        "CreatedAt": now,
        "Description": seen.title,
        "Id": id_,
        "Partition": "aws",
        "Region": region,
        "Resource": resource,
        "SchemaVersion": "2.0",
        "Service": {
            "Action": {"ActionType": "AWS_API_CALL", "AwsApiCallAction": call},
            "Archived": False,
            "Count": kept["count"],
            "DetectorId": detector,
            "EventFirstSeen": _instant(first.time),
            "EventLastSeen": _instant(last.time),
            "ResourceRole": "TARGET",
            "ServiceName": "guardduty",
        },
        "Severity": seen.severity,
        "Title": seen.title,
        "Type": seen.type,
        "UpdatedAt": now,
    }


def _instant(time: Any) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel(inner) for name, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value


def _made(asked: Asked, scene: Scene) -> list[dict[str, Any]]:
    """Return the findings of a detector, with how each is kept."""
    detector = asked.parameters["DetectorId"]
    if detector not in asked.state().detectors:
        raise AwsError(
            "BadRequestException",
            "The request is rejected because the input detectorId is not owned by the current account.",
        )
    kept: Findings = scene.memory.get(FINDINGS, {}).get((asked.call.account, asked.call.region, detector), {})
    return [one for one in kept.values() if one["finding"] is not None]


@answers("guardduty", "ListFindings")
def listed(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the ids of findings that meet criteria."""
    told = asked.parameters
    found = [one["finding"] for one in _made(asked, scene) if meets(one["finding"], told.get("FindingCriteria"))]
    sort = told.get("SortCriteria") or {}
    if sort.get("AttributeName"):
        found.sort(key=lambda one: str(value_at(one, sort["AttributeName"])), reverse=sort.get("OrderBy") == "DESC")
    start, size = int(told.get("NextToken") or 0), int(told.get("MaxResults") or PAGE)
    more = str(start + size) if start + size < len(found) else ""
    return {"FindingIds": [one["Id"] for one in found[start : start + size]], "NextToken": more}


@answers("guardduty", "GetFindings")
def told_in_full(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell findings in full."""
    wanted = asked.parameters["FindingIds"]
    return {"Findings": [one["finding"] for one in _made(asked, scene) if one["finding"]["Id"] in wanted]}


@answers("guardduty", "ArchiveFindings", "UnarchiveFindings")
def archive(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Put findings away, or take them out again."""
    archived = asked.call.operation == "ArchiveFindings"
    for one in _made(asked, scene):
        if one["finding"]["Id"] in asked.parameters["FindingIds"]:
            one["archived"] = one["finding"]["Service"]["Archived"] = archived
    return {}


@answers("guardduty", "GetFindingsStatistics")
def statistics(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Count findings by severity."""
    told = asked.parameters
    if told.get("GroupBy"):
        raise AwsError("TwinUnsupportedOperation", "The twin counts GuardDuty's findings by severity only.")
    counts: dict[str, int] = {}
    for one in _made(asked, scene):
        if meets(one["finding"], told.get("FindingCriteria")):
            severity = json.dumps(one["finding"]["Severity"])
            counts[severity] = counts.get(severity, 0) + 1
    return {"FindingStatistics": {"CountBySeverity": counts}}
