"""What a lost zone, Region or host does to DB instances, and how they come back when it is restored."""

from typing import Any

from twin.world.behaviors import happens, watches
from twin.world.behaviors.rds_course import happened, notes
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_failover import fail_over, rebuild_standby, standby_ready
from twin.world.behaviors.rds_power import dropped
from twin.world.behaviors.rds_reachability import SERVING, primary_alive
from twin.world.conditions import region_of
from twin.world.scene import Happening, Scene
from twin.world.stores.rds_instances import find_instance, instances

UNDER_WAY = SERVING | {"rebooting"}


@watches("zone.lost", "region.lost", "host.lost")
def lost(scene: Scene, happening: Happening) -> None:
    """Drop the connections of the DB instances there, and let those with a standby fail over."""
    name = happening.facts["name"]
    for database in instances():
        arn = str(database.arn)
        if happening.kind == "host.lost":
            if arn == name:
                notes(scene, arn).pop("moved", None)
                _primary_lost(scene, database, "its host is lost")
        elif _stands_in(database.availability_zone, happening):
            _primary_lost(scene, database, f"its zone {database.availability_zone} is lost")
        elif database.secondary_availability_zone and _stands_in(database.secondary_availability_zone, happening):
            notes(scene, arn)["standby_missing"] = True
            happened(scene, database, "rds.standby.lost", zone=database.secondary_availability_zone)


@watches("zone.restored", "region.restored", "host.restored")
def restored(scene: Scene, happening: Happening) -> None:
    """Recover the DB instances there, and make new standbys."""
    name = happening.facts["name"]
    for database in instances():
        arn, held = str(database.arn), notes(scene, str(database.arn))
        if happening.kind == "host.restored":
            if arn == name:
                held.pop("moved", None)
                _recover(scene, database)
            continue
        if _stands_in(database.availability_zone, happening):
            _recover(scene, database)
        if held.get("standby_missing") and _stands_in(database.secondary_availability_zone, happening):
            rebuild_standby(scene, database)


def _primary_lost(scene: Scene, database: Any, reason: str) -> None:
    held = notes(scene, str(database.arn))
    if database.status not in UNDER_WAY or held.get("failing_over") or held.get("down"):
        return
    held["down"] = True
    database.logs_until = scene.now()
    dropped(scene, database, reason)
    if standby_ready(scene, database):
        fail_over(scene, database, reason=reason)
    elif not scene.conditions.broken("zone", database.availability_zone):
        scene.after(scene.delay("rds.host_replacement"), "rds.host_replaced", arn=str(database.arn))


@happens("rds.host_replaced")
def host_replaced(scene: Scene, *, arn: str) -> None:
    """Start a DB instance on another host of its zone, if the zone has one to give."""
    database, held = find_instance(arn), notes(scene, arn)
    zone = database.availability_zone if database is not None else ""
    if database is None or not held.get("down") or scene.conditions.broken("zone", zone):
        return
    if scene.conditions.broken("capacity", zone):
        for fault in scene.faults.of_kind("capacity-shortage"):
            fault.shown += getattr(fault.options, "zone", "") == zone
        return
    held["moved"] = True
    _recover(scene, database)


@watches("capacity.restored")
def capacity_restored(scene: Scene, happening: Happening) -> None:
    """Replace the hosts that died while their zone had none to give."""
    zone = happening.facts["name"]
    for database in instances():
        if database.availability_zone == zone and notes(scene, str(database.arn)).get("down"):
            scene.after(scene.delay("rds.host_replacement"), "rds.host_replaced", arn=str(database.arn))


def _recover(scene: Scene, database: Any) -> None:
    if notes(scene, str(database.arn)).get("down") and primary_alive(scene, database):
        tell(scene, database, "RDS-EVENT-0020")
        scene.after(scene.delay("rds.recovery"), "rds.recovered", arn=str(database.arn))


@happens("rds.recovered")
def recovered(scene: Scene, *, arn: str) -> None:
    """Let clients in again after the engine's recovery, if nothing broke meanwhile."""
    database, held = find_instance(arn), notes(scene, arn)
    if database is None or not held.get("down") or not primary_alive(scene, database):
        return
    held.pop("down")
    database.logs_until = None
    tell(scene, database, "RDS-EVENT-0021")
    tell(scene, database, "RDS-EVENT-0006")
    happened(scene, database, "rds.instance.recovered")


def _stands_in(zone: str, happening: Happening) -> bool:
    name = happening.facts["name"]
    return bool(name == (zone if happening.kind.startswith("zone.") else region_of(zone)))
