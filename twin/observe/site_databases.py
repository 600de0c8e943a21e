"""The databases that requests end at: DB instances, and the names by which an Aurora cluster is asked."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import identity, objects
from twin.observe.workloads import database_writers


@dataclass(frozen=True, slots=True)
class Database:
    """A DB instance, or what a name of an Aurora cluster leads to.

    `subnets` are those of its subnet group by zone; what has a `source` takes no writes.
    """

    arn: str
    name: str
    address: str
    port: int
    zone: str
    vpc: str
    subnets: Mapping[str, str]
    groups: tuple[str, ...]
    multi_az: bool
    source: str

    @property
    def region(self) -> str:
        """The Region in which it stands."""
        return self.arn.split(":")[3]


def databases_of(snapshot: Snapshot) -> Iterator[Database]:
    """Yield the databases of a snapshot, a cluster's own names after its instances."""
    writers, members = database_writers(snapshot), defaultdict[tuple[str, str], list[Database]](list)
    for item in snapshot.of("DBInstances"):
        one, cluster = _instance(item), str(item.data.get("DBClusterIdentifier") or "")
        if cluster:
            writer = writers.get((one.region, cluster), one.name)
            one = replace(one, source=one.source or (writer if writer != one.name else ""))
            members[one.region, cluster].append(one)
        yield one
    for item in snapshot.of("DBClusters"):
        region = identity(item, "DBClusterArn").split(":")[3]
        yield from _cluster(item, members[region, identity(item, "DBClusterIdentifier")])


def _cluster(item: Item, members: list[Database]) -> Iterator[Database]:
    """Yield where a cluster's name leads, to its writer, and where the name of its readers does."""
    writer = next((one for one in members if not one.source), None)
    if writer is None:
        return
    name, port = identity(item, "DBClusterIdentifier"), int(item.data.get("Port") or writer.port)
    arn, address = identity(item, "DBClusterArn"), str(item.data.get("Endpoint") or "")
    spread = bool(item.data.get("MultiAZ"))
    yield replace(writer, arn=arn, name=name, address=address, port=port, multi_az=spread)
    # Without a reader the readers' name leads to the writer (Aurora user guide, Aurora.Endpoints.Reader).
    reader, address = next((one for one in members if one.source), writer), str(item.data.get("ReaderEndpoint") or "")
    yield replace(reader, name=f"{name} (readers)", address=address, port=port, source=name)


def _instance(item: Item) -> Database:
    data, group = item.data, item.data.get("DBSubnetGroup") or {}
    endpoint = data.get("Endpoint") or {}
    subnets = {
        str(one["SubnetAvailabilityZone"]["Name"]): str(one["SubnetIdentifier"])
        for one in objects(item, group, "Subnets")
    }
    return Database(
        identity(item, "DBInstanceArn"),
        identity(item, "DBInstanceIdentifier"),
        str(endpoint.get("Address") or ""),
        int(endpoint.get("Port") or 0),
        str(data.get("AvailabilityZone") or ""),
        str(group.get("VpcId") or ""),
        subnets,
        tuple(str(one["VpcSecurityGroupId"]) for one in objects(item, data, "VpcSecurityGroups")),
        bool(data.get("MultiAZ")),
        str(data.get("ReadReplicaSourceDBInstanceIdentifier") or ""),
    )
