"""S3 applies lifecycle rules once a day: expiry, old versions, markers left alone, storage classes, lost uploads."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from twin.world.due import habit

DELAYS = json.loads((Path(__file__).parent / "s3_delays.json").read_text())
SMALLEST: int = DELAYS["smallest_transition_bytes"]["value"]
DAY = timedelta(days=1)
SWEPT = "lifecycle_swept"


@habit("s3")
def apply_rules() -> None:
    """Apply the rules of all buckets when a new day has begun since the last call."""
    from twin.world.stores.moto_store import CLOCK, backends

    now = CLOCK.now().replace(tzinfo=None)
    today = now.date()
    for account in backends("s3").values():
        backend = account["aws"]
        if vars(backend).get(SWEPT) != today:
            vars(backend)[SWEPT] = today
            for bucket in backend.buckets.values():
                for rule in bucket.rules:
                    if rule.status == "Enabled":
                        _apply(backend, bucket, rule, now)


def due(since: datetime, days: Any) -> datetime:
    """Return when an action comes due: at the first midnight UTC after the days have passed."""
    end = since + timedelta(days=int(days))
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == end else midnight + DAY


def expiry(bucket: Any, version: Any) -> tuple[datetime, str] | None:
    """Return when the first rule of a bucket expires its current object, and the rule's id; None when none does."""
    from twin.world.stores.moto_store import backends

    backend = backends("s3")[bucket.account_id]["aws"]
    if bucket.keys.get(version.name) is not version:
        return None
    found = []
    for rule in bucket.rules:
        if rule.status != "Enabled" or not _covers(backend, rule, version):
            continue
        if rule.expiration_date:
            moment = datetime.fromisoformat(rule.expiration_date.replace("Z", "+00:00")).replace(tzinfo=None)
            found.append((moment, str(rule.id)))
        elif rule.expiration_days is not None:
            found.append((due(version.last_modified, rule.expiration_days), str(rule.id)))
    return min(found, default=None)


def _apply(backend: Any, bucket: Any, rule: Any, now: datetime) -> None:
    for name in list(bucket.keys):
        _old_versions(backend, bucket, rule, now, name)
        current = bucket.keys.get(name)
        if current is None:
            continue
        if not hasattr(current, "size"):
            _lone_marker(bucket, rule, name)
        elif _covers(backend, rule, current):
            if _expires(rule, current.last_modified, now):
                _expire(backend, bucket, name)
            else:
                _move(rule.transitions, current, current.last_modified, now)
    if rule.aimu_days is not None:
        _end_uploads(bucket, rule, now)


def _expires(rule: Any, since: datetime, now: datetime) -> bool:
    if rule.expiration_date:
        return datetime.fromisoformat(rule.expiration_date.replace("Z", "+00:00")).replace(tzinfo=None) <= now
    return rule.expiration_days is not None and due(since, rule.expiration_days) <= now


def _expire(backend: Any, bucket: Any, name: str) -> None:
    if bucket.versioning_status != "Suspended":
        backend.delete_object(bucket.name, name)
        return
    marker = backend._set_delete_marker(bucket.name, name)
    marker._version_id = "null"
    kept = [v for v in bucket.keys.getlist(name) if v is marker or v.version_id != "null"]
    bucket.keys.setlist(name, kept)


def _old_versions(backend: Any, bucket: Any, rule: Any, now: datetime, name: str) -> None:
    versions = bucket.keys.getlist(name, [])
    if len(versions) < 2:
        return
    kept = []
    for version, successor in zip(versions, (*versions[1:], None), strict=True):
        is_object = hasattr(version, "size")
        if successor is None or (is_object and not _covers(backend, rule, version)):
            kept.append(version)
            continue
        since = successor.last_modified
        gone = rule.nve_noncurrent_days is not None and due(since, rule.nve_noncurrent_days) <= now
        if not gone or (is_object and version.is_locked(governance_bypass=False)):
            kept.append(version)
            if is_object:
                _move(rule.noncurrent_version_transitions, version, since, now)
    if len(kept) < len(versions):
        bucket.keys.setlist(name, kept)


def _lone_marker(bucket: Any, rule: Any, name: str) -> None:
    wanted = str(rule.expired_object_delete_marker).lower() == "true"
    if wanted and name.startswith(_prefix(rule)) and len(bucket.keys.getlist(name)) == 1:
        del bucket.keys[name]


def _move(transitions: Any, version: Any, since: datetime, now: datetime) -> None:
    if version.size < SMALLEST:
        return
    passed = [(int(t.days), t.storage_class) for t in transitions or () if t.days and due(since, t.days) <= now]
    if passed:
        version.set_storage_class(max(passed)[1])


def _end_uploads(bucket: Any, rule: Any, now: datetime) -> None:
    for id_, upload in list(bucket.multiparts.items()):
        begun = getattr(upload, "initiated", None)
        if begun and upload.key_name.startswith(_prefix(rule)) and due(begun, rule.aimu_days) <= now:
            del bucket.multiparts[id_]


def _prefix(rule: Any) -> str:
    narrowed = rule.filter.and_filter or rule.filter if rule.filter is not None else None
    return str((narrowed.prefix if narrowed is not None else None) or rule.prefix or "")


def _tags(rule: Any) -> Iterator[tuple[str, str]]:
    if rule.filter is None:
        return
    if rule.filter.tag_key:
        yield rule.filter.tag_key, rule.filter.tag_value
    if rule.filter.and_filter is not None:
        yield from rule.filter.and_filter.tags.items()


def _covers(backend: Any, rule: Any, version: Any) -> bool:
    if not version.name.startswith(_prefix(rule)):
        return False
    wanted = list(_tags(rule))
    has = backend.tagger.get_tag_dict_for_resource(version.arn) if wanted else {}
    return all(has.get(key) == value for key, value in wanted)
