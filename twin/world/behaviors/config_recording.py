"""AWS Config's recorder writes down what changed, a minute or three later, while it records; the history tells it."""

import json
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens, witnesses
from twin.world.behaviors.config_items import GLOBAL_TYPES, READERS, SERVICES, Place, items_of, recorder_of, records
from twin.world.scene import Scene
from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import read_only

PROVIDES = {"config-recorder": "AWS Config records changes of ten resource types while its recorder runs."}
HISTORY, DIRTY = "config.history", "config.dirty"
PAGE, LARGEST = 10, 100


@witnesses
def note_change(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Have the recorders look at a service in which something was changed."""
    if entry.service not in SERVICES or entry.status >= 400 or read_only(entry.service, entry.operation):
        return
    if entry.service == "s3" and entry.operation in ("PutObject", "DeleteObject", "UploadPart", "CopyObject"):
        return
    regions = scene.memory.get("config.places", ())
    for account, region in regions:
        if account == entry.account and (region == entry.region or entry.service in ("iam", "s3")):
            look_soon(scene, Place(account, region), entry.service)


def look_soon(scene: Scene, place: Place, *services: str) -> None:
    """Put a look at services on the agenda, unless one is."""
    if recorder_of(scene, place) is None:
        return
    dirty = scene.memory.setdefault(DIRTY, {})
    if place not in dirty:
        dirty[place] = []
        scene.after(scene.delay("config_recording.capture"), "config.capture", place=place)
    dirty[place] += [service for service in services if service not in dirty[place]]


@follows("config", "StartConfigurationRecorder")
def started(done: Done, scene: Scene) -> None:
    """Write down everything at first."""
    place = Place(done.call.account, done.call.region)
    places = scene.memory.setdefault("config.places", [])
    if place not in places:
        places.append(place)
    look_soon(scene, place, *sorted(SERVICES))


@happens("config.capture")
def capture(scene: Scene, *, place: Place) -> None:
    """Write down what changed since the last look, and tell it."""
    place = Place(*place)
    services = scene.memory[DIRTY].pop(place)
    recorder = recorder_of(scene, place)
    if recorder is None:
        return
    changed = []
    for kind, (service, _) in READERS.items():
        if service in services and records(recorder, kind):
            changed += [(kind, id_) for id_ in _compare(scene, place, kind)]
    if changed:
        where = {"account": place.account, "region": place.region}
        scene.emit("config.items.recorded", **where, resources=changed)


def history_of(scene: Scene, place: Place) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return what was written down in a place: items by type and id, oldest first."""
    kept: dict[tuple[str, str], list[dict[str, Any]]] = scene.memory.setdefault(HISTORY, {}).setdefault(place, {})
    return kept


def _compare(scene: Scene, place: Place, kind: str) -> list[str]:
    history, changed = history_of(scene, place), []
    present = {item.id: item for item in items_of(scene, place, kind)}
    for id_, item in present.items():
        kept = history.setdefault((kind, id_), [])
        gone = not kept or kept[-1]["status"] == "ResourceDeleted"
        if gone or kept[-1]["configuration"] != item.configuration:
            status = "ResourceDiscovered" if gone else "OK"
            kept.append(
                {
                    "time": scene.now(),
                    "status": status,
                    "name": item.name,
                    "arn": item.arn,
                    "configuration": item.configuration,
                }
            )
            changed.append(id_)
    for (one, id_), kept in history.items():
        if one == kind and id_ not in present and kept[-1]["status"] != "ResourceDeleted":
            kept.append(kept[-1] | {"time": scene.now(), "status": "ResourceDeleted", "configuration": {}})
            changed.append(id_)
    for id_ in changed:
        _tell(scene, place, kind, id_=id_)
    return changed


def _tell(scene: Scene, place: Place, kind: str, *, id_: str) -> None:
    item = _written(place, kind, id_=id_, kept=history_of(scene, place)[kind, id_], number=-1)
    shown = item | {"configurationItemCaptureTime": item["configurationItemCaptureTime"].isoformat()}
    scene.emit(
        "aws.event",
        account=place.account,
        region=place.region,
        source="aws.config",
        detail_type="Config Configuration Item Change",
        resources=[item["arn"]],
        detail={
            "recordVersion": "1.3",
            "messageType": "ConfigurationItemChangeNotification",
            "configurationItem": shown,
            "notificationCreationTime": scene.now().isoformat(),
        },
    )


def _written(place: Place, kind: str, *, id_: str, kept: list[dict[str, Any]], number: int) -> dict[str, Any]:
    one = kept[number]
    return {
        "version": "1.3",
        "accountId": place.account,
        "configurationItemCaptureTime": one["time"],
        "configurationItemStatus": one["status"],
        "configurationStateId": str(int(one["time"].timestamp() * 1000)),
        "arn": one["arn"],
        "resourceType": kind,
        "resourceId": id_,
        "resourceName": one["name"],
        "awsRegion": "global" if kind in GLOBAL_TYPES else place.region,
        "configuration": json.dumps(one["configuration"], separators=(",", ":"), default=str),
        "supplementaryConfiguration": {},
    }


@answers("config", "GetResourceConfigHistory")
def history(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the configuration items of a resource, newest first."""
    told, place = asked.parameters, Place(asked.call.account, asked.call.region)
    kind, id_ = told["resourceType"], told["resourceId"]
    _known(kind)
    kept = history_of(scene, place).get((kind, id_))
    if not kept:
        message = f"Resource {id_} of resourceType:{kind} is unknown or has not been discovered"
        raise AwsError("ResourceNotDiscoveredException", message)
    items = [_written(place, kind, id_=id_, kept=kept, number=number) for number in range(len(kept))]
    later, earlier = told.get("laterTime"), told.get("earlierTime")
    items = [
        item
        for item in items
        if (later is None or item["configurationItemCaptureTime"] <= later)
        and (earlier is None or item["configurationItemCaptureTime"] >= earlier)
    ]
    if told.get("chronologicalOrder") != "Forward":
        items.reverse()
    return _page(told, "configurationItems", items, size=PAGE)


@answers("config", "ListDiscoveredResources")
def discovered(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the resources of a type that were recorded and are still there."""
    told, place = asked.parameters, Place(asked.call.account, asked.call.region)
    wanted, ids = told["resourceType"], told.get("resourceIds")
    _known(wanted)
    found = []
    for (kind, id_), kept in sorted(history_of(scene, place).items()):
        gone = kept[-1]["status"] == "ResourceDeleted"
        if kind != wanted or (ids and id_ not in ids) or (gone and not told.get("includeDeletedResources")):
            continue
        if told.get("resourceName") not in (None, kept[-1]["name"]):
            continue
        deleted = {"resourceDeletionTime": kept[-1]["time"]} if gone else {}
        found.append({"resourceType": kind, "resourceId": id_, "resourceName": kept[-1]["name"], **deleted})
    return _page(told, "resourceIdentifiers", found, size=LARGEST)


def _page(told: dict[str, Any], name: str, items: list[dict[str, Any]], *, size: int) -> dict[str, Any]:
    start, size = int(told.get("nextToken") or 0), int(told.get("limit") or size)
    more = {"nextToken": str(start + size)} if start + size < len(items) else {}
    return {name: items[start : start + size], **more}


def _known(kind: str) -> None:
    if kind not in READERS:
        raise AwsError("TwinUnsupportedOperation", f"The twin's AWS Config records no resources of type {kind}.")


@answers(
    "config", "SelectResourceConfig", "BatchGetResourceConfig", "ListAggregateDiscoveredResources",
    "BatchGetAggregateResourceConfig",
)  # fmt: skip
def refuse(asked: Asked, scene: Scene) -> None:
    """Refuse what would be answered from the present rather than from what was recorded."""
    raise AwsError("TwinUnsupportedOperation", f"The twin does not implement config:{asked.call.operation}.")
