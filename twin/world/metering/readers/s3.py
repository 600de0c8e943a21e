"""S3: gigabytes by storage class, bucket by bucket; lifecycle rules that come due later are read again then."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from moto.s3.models import FakeKey

from twin.world.due.s3_lifecycle import due
from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

GIGABYTE = 1024**3
CLASSES = {
    "STANDARD": "TimedStorage-ByteHrs", "REDUCED_REDUNDANCY": "TimedStorage-ByteHrs",
    "STANDARD_IA": "TimedStorage-SIA-ByteHrs", "ONEZONE_IA": "TimedStorage-ZIA-ByteHrs",
    "INTELLIGENT_TIERING": "TimedStorage-INT-FA-ByteHrs", "GLACIER_IR": "TimedStorage-GIR-ByteHrs",
    "GLACIER": "TimedStorage-GlacierByteHrs", "DEEP_ARCHIVE": "TimedStorage-GDA-ByteHrs",
}  # fmt: skip
LOOK = "metering.lifecycle"
# What was written in one day up to and with its last midnight comes due together.
TICK = timedelta(microseconds=1)


@reads("s3")
def held_by_bucket(scene: Scene, place: Place) -> Iterator[Held]:
    """Read one bucket: the place's region is its name."""
    backend = backends("s3")[place.account]["aws"]
    bucket = backend.buckets.get(place.region)
    if bucket is None:
        return
    # A bucket that is written to is read for each write: by the attributes themselves, past moto's properties.
    held = [version for versions in dict.values(bucket.keys) for version in versions if version.__class__ is FakeKey]
    classes = [version._storage_class or "STANDARD" for version in held]
    sizes = [version.contentsize for version in held]
    spans = _spans(bucket)
    days = _days([version.last_modified for version in held]) if spans and held else set()
    tags = tag_pairs(backend.tagger.get_tag_dict_for_resource(bucket.arn))
    for usage, size in sorted((CLASSES.get(name, name), size) for name, size in _summed(classes, sizes).items()):
        yield Held(bucket.name, "s3", usage, size / GIGABYTE, tags, bucket.region_name)
    _look_again(scene, place, {_due(day, span) for day in days for span in spans})


def _summed(classes: list[str], sizes: list[int]) -> dict[str, int]:
    """Return how much there is of each class, of which a bucket seldom has more than one."""
    names = set(classes)
    if len(names) == 1:
        return {names.pop(): sum(sizes)}
    return {name: sum(size for kept, size in zip(classes, sizes, strict=True) if kept == name) for name in names}


def _days(times: list[datetime]) -> set[date]:
    """Return the days in which objects were written."""
    first, last = ((end(times) - TICK).date() for end in (min, max))
    return {first} if first == last else {(at - TICK).date() for at in times}


def written(scene: Scene, place: Place, bucket: Any) -> None:
    """Look again when the shortest of a bucket's rules may move what was just written."""
    if spans := _spans(bucket):
        _look_again(scene, place, {due(scene.now().replace(tzinfo=None), min(spans))})


@lru_cache(1024)
def _due(day: date, span: int) -> datetime:
    """Return when what was written on a day comes due."""
    return due(datetime.combine(day, time.max), span)


def _spans(bucket: Any) -> set[int]:
    """Return after how many days rules may move or expire an object."""
    found: set[int] = set()
    for rule in bucket.rules:
        if rule.status == "Enabled":
            moves = [*(rule.transitions or ()), *(rule.noncurrent_version_transitions or ())]
            spans = [*(move.days for move in moves), rule.expiration_days, rule.nve_noncurrent_days]
            found |= {int(span) for span in spans if span}
    return found


def _look_again(scene: Scene, place: Place, dates: set[datetime]) -> None:
    """Put the first instant at which a rule comes due on the agenda, unless a look is due by then."""
    now = scene.now()
    later = sorted(at for at in (date.replace(tzinfo=UTC) for date in dates) if at > now)
    looks = scene.memory.setdefault("metering.looks", {})
    kept = looks.get(place)
    if later and not (kept is not None and now < kept <= later[0]):
        looks[place] = later[0]
        scene.agenda.at(later[0], LOOK, place=place)
