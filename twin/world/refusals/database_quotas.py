"""What RDS refuses because there are as many as a Region may hold."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.rds_instances import named_instance, where_of

RESTORES = ("RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime")


@refuses("rds", "CreateDBInstance", "CreateDBInstanceReadReplica", *RESTORES)
def instances(asked: Asked) -> None:
    """A Region holds so many DB instances."""
    if len(asked.state().databases) >= quotas()["instances"]:
        raise Refusal("InstanceQuotaExceeded", "DB Instance quota exceeded")


@refuses("rds", "CreateDBSnapshot", "CopyDBSnapshot")
def snapshots(asked: Asked) -> None:
    """A Region holds so many manual snapshots."""
    manual = [held for held in asked.state().database_snapshots.values() if held.snapshot_type == "manual"]
    if len(manual) >= quotas()["manual_snapshots"]:
        raise Refusal("SnapshotQuotaExceeded", "Cannot create more than "
                      f"{quotas()['manual_snapshots']} manual snapshots")  # fmt: skip


@refuses("rds", "CreateDBInstanceReadReplica")
def replicas(asked: Asked) -> None:
    """A source has so many replicas, by its engine."""
    source = named_instance(asked.parameters.get("SourceDBInstanceIdentifier") or "", where_of(asked.call))
    if source is None:
        return
    most = quotas()["replicas"].get(source.engine)
    if most is not None and len(source.replicas) >= most:
        raise Refusal("InstanceQuotaExceeded", f"The source instance cannot have more than {most} read replicas.")


@refuses("rds", "CreateDBSubnetGroup", "CreateDBParameterGroup", "CreateOptionGroup", "CreateEventSubscription")
def groups(asked: Asked) -> None:
    """A Region holds so many groups and subscriptions."""
    state = asked.state()
    code, held, most = {
        "CreateDBSubnetGroup": ("DBSubnetGroupQuotaExceeded", state.subnet_groups, "subnet_groups"),
        "CreateDBParameterGroup": ("DBParameterGroupQuotaExceeded", state.db_parameter_groups, "parameter_groups"),
        "CreateOptionGroup": ("OptionGroupQuotaExceededFault", state.option_groups, "option_groups"),
        "CreateEventSubscription": ("EventSubscriptionQuotaExceeded", state.event_subscriptions, "subscriptions"),
    }[asked.call.operation]
    count = sum(not name.startswith("default") for name in held)
    if count >= quotas()[most]:
        raise Refusal(code, f"The request would exceed the quota of {quotas()[most]} for this Region.")


@cache
def quotas() -> dict[str, Any]:
    """Return the default quotas of a Region, from the data file beside this one."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "rds_quotas.json").read_text())
    return found
