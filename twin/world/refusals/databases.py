"""What RDS refuses about subnet groups and instance classes."""

import json
import re
from functools import cache
from pathlib import Path

from twin.world.refusals import Asked, Refusal, refuses

# RDS for Oracle adds the threads per core and the memory ratio: db.r5.2xlarge.tpc2.mem4x
ORACLE_SUFFIX = re.compile(r"\.tpc\d\.mem\dx$")


@refuses("rds", "CreateDBSubnetGroup", "ModifyDBSubnetGroup")
def subnet_group_zones(asked: Asked) -> None:
    """A DB subnet group covers two Availability Zones."""
    named = asked.parameters.get("SubnetIds", ())
    known = {s.id: s.availability_zone for zone in asked.state("ec2").subnets.values() for s in zone.values()}
    for name in named:
        if name not in known:
            raise Refusal("InvalidSubnet", f"Subnet IDs are required to exist: {name} does not.")
    zones = sorted({known[name] for name in named})
    if len(zones) < 2:
        raise Refusal(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(zones)}. Add subnets to cover at least 2 AZs.",
        )


@refuses(
    "rds", "CreateDBInstance", "ModifyDBInstance", "CreateDBInstanceReadReplica", "RestoreDBInstanceFromDBSnapshot"
)
def instance_class_exists(asked: Asked) -> None:
    """An instance class is one that RDS has."""
    wanted = asked.parameters.get("DBInstanceClass")
    if wanted is not None and ORACLE_SUFFIX.sub("", wanted) not in instance_classes():
        raise Refusal("InvalidParameterValue", f"Invalid DB Instance class: {wanted}")


@cache
def instance_classes() -> frozenset[str]:
    """Return every instance class of RDS, from the data file beside this one."""
    data = json.loads((Path(__file__).parent / "rds_instance_classes.json").read_text())
    sized = {f"db.{family}.{size}" for family, sizes in data["families"].items() for size in sizes.split()}
    return frozenset(sized | {"db.serverless"})
