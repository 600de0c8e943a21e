"""Databases, clusters, functions and fleets, as their describe replies tell them; and names from tags."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import identity, inside, objects, texts
from twin.semantics.network.topology import Instance, Interface
from twin.semantics.network.workloads import Cluster, Database, Fleet, Function, Record

PORTS = {"postgres": 5432, "aurora-postgresql": 5432, "oracle": 1521, "sqlserver": 1433, "db2": 50000}
"""Default ports of engines: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
MYSQL = 3306
NAMED = (
    ("Vpcs", "VpcId"), ("Subnets", "SubnetId"), ("RouteTables", "RouteTableId"), ("SecurityGroups", "GroupId"),
    ("NetworkAcls", "NetworkAclId"), ("InternetGateways", "InternetGatewayId"), ("NatGateways", "NatGatewayId"),
    ("VpcEndpoints", "VpcEndpointId"), ("VpcPeeringConnections", "VpcPeeringConnectionId"),
    ("TransitGateways", "TransitGatewayId"), ("VpnGateways", "VpnGatewayId"), ("VpnConnections", "VpnConnectionId"),
    ("NetworkInterfaces", "NetworkInterfaceId"),
)  # fmt: skip


def databases(snapshot: Snapshot, interfaces: Mapping[str, Interface]) -> dict[str, Database]:
    """Return the database instances with the interfaces that RDS keeps for them, where these were told."""
    groups = {identity(one, "DBSubnetGroupName"): one.data for one in snapshot.of("DBSubnetGroups")}
    writers = database_writers(snapshot)
    found: dict[str, Database] = {}
    for item in snapshot.of("DBInstances"):
        name = identity(item, "DBInstanceIdentifier")
        told = item.data.get("DBSubnetGroup") or {}
        group = replace(item, data={**groups.get(str(told.get("DBSubnetGroupName")), {}), **told})
        zones = (item.data.get("AvailabilityZone"), item.data.get("SecondaryAvailabilityZone"))
        engine = str(item.data.get("Engine") or "")
        cluster = str(item.data.get("DBClusterIdentifier") or "")
        writer = writers.get((_region(item, "DBInstanceArn"), cluster), name)
        one = Database(
            name,
            engine,
            str(group.data.get("VpcId") or ""),
            int(inside(item.data, "Endpoint", "Port") or _port(engine)),
            texts(group, "Subnets[].SubnetIdentifier"),
            texts(item, "VpcSecurityGroups[].VpcSecurityGroupId"),
            tuple(str(zone) for zone in zones if zone),
            item.data.get("PubliclyAccessible") is True,
            str(item.data.get("ReadReplicaSourceDBInstanceIdentifier") or (writer if writer != name else "")),
            cluster,
        )
        mine = (other for other in interfaces.values() if other.description == "RDSNetworkInterface")
        ends = tuple(o.id for o in mine if o.subnet in one.subnets and set(o.groups) == set(one.groups))
        found[name] = replace(one, interfaces=ends)
    return found


def database_writers(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """Return the DB instance that writes, by the Region and the name of its DB cluster."""
    return {
        (_region(item, "DBClusterArn"), identity(item, "DBClusterIdentifier")): str(
            member.get("DBInstanceIdentifier") or ""
        )
        for item in snapshot.of("DBClusters")
        for member in objects(item, item.data, "DBClusterMembers")
        if member.get("IsClusterWriter")
    }


def _region(item: Item, member: str) -> str:
    """Return the Region of an ARN, empty when none was told."""
    return str(item.data.get(member) or ":::").split(":")[3]


def _port(engine: str) -> int:
    return next((port for start, port in PORTS.items() if engine.startswith(start)), MYSQL)


def clusters(snapshot: Snapshot) -> dict[str, Cluster]:
    """Return the EKS clusters."""
    found: dict[str, Cluster] = {}
    for item in snapshot.of("Clusters"):
        name = identity(item, "name")
        config = replace(item, data=item.data.get("resourcesVpcConfig") or {})
        own = config.data.get("clusterSecurityGroupId")
        groups = (*((str(own),) if own else ()), *texts(config, "securityGroupIds"))
        # A public endpoint without told blocks is open to all.
        public = texts(config, "publicAccessCidrs") or ("0.0.0.0/0",)
        found[name] = Cluster(
            name,
            str(config.data.get("vpcId") or ""),
            texts(config, "subnetIds"),
            groups,
            public if config.data.get("endpointPublicAccess") else (),
        )
    return found


def functions(snapshot: Snapshot, interfaces: Mapping[str, Interface]) -> dict[str, Function]:
    """Return the functions that have interfaces in a VPC."""
    found: dict[str, Function] = {}
    for item in snapshot.of("Functions"):
        config = replace(item, data=item.data.get("VpcConfig") or {})
        subnets, groups = texts(config, "SubnetIds"), texts(config, "SecurityGroupIds")
        if subnets:
            name = identity(item, "FunctionName")
            ends = (one for one in interfaces.values() if one.description.startswith("AWS Lambda VPC ENI"))
            mine = tuple(one.id for one in ends if one.subnet in subnets and set(one.groups) == set(groups))
            found[name] = Function(name, str(config.data.get("VpcId") or ""), subnets, groups, mine)
    return found


def fleets(snapshot: Snapshot, instances: Mapping[str, Instance]) -> dict[str, Fleet]:
    """Return the Auto Scaling groups."""
    found: dict[str, Fleet] = {}
    for item in snapshot.of("AutoScalingGroups"):
        name = identity(item, "AutoScalingGroupName")
        wanted = int(item.data.get("DesiredCapacity") or 0)
        found[name] = Fleet(
            name,
            tuple(one for one in str(item.data.get("VPCZoneIdentifier") or "").split(",") if one),
            int(item.data.get("MinSize") or 0),
            wanted,
            int(item.data.get("MaxSize") or wanted),
            tuple(one for one in texts(item, "Instances[].InstanceId") if one in instances),
            _tags(item).get("eks:cluster-name", ""),
        )
    return found


def records(snapshot: Snapshot) -> dict[str, Record]:
    """Return the DNS records of the zones at Cloudflare."""
    zones = {str(one.data.get("id")): str(one.data.get("name")) for one in snapshot.of("CloudflareZones")}
    found: dict[str, Record] = {}
    for item in snapshot.of("CloudflareRecords"):
        name = identity(item, "id")
        zone = str(item.data.get("zone_id") or item.beside.get("ZoneId") or "")
        found[name] = Record(
            name,
            zones.get(zone, zone),
            identity(item, "name"),
            str(item.data.get("type") or ""),
            str(item.data.get("content") or ""),
            item.data.get("proxied") is True,
        )
    return found


def names(snapshot: Snapshot) -> dict[str, str]:
    """Return the names in `Name` tags, by id; a security group's own where it has no such tag."""
    found: dict[str, str] = {}
    for kind, member in NAMED:
        for item in snapshot.of(kind):
            name = _tags(item).get("Name") or (item.data.get("GroupName") if kind == "SecurityGroups" else None)
            if name and item.data.get(member):
                found[str(item.data[member])] = str(name)
    for item in snapshot.of("Reservations"):
        for instance in objects(item, item.data, "Instances"):
            name = _tags(replace(item, data=instance)).get("Name")
            if name and instance.get("InstanceId"):
                found[str(instance["InstanceId"])] = name
    return found


def _tags(item: Item) -> dict[str, Any]:
    member = "TagSet" if "TagSet" in item.data else "Tags"
    return {str(one.get("Key")): one.get("Value") for one in objects(item, item.data, member)}
