"""Security groups, network ACLs and prefix lists, as their describe replies tell them."""

import re
from collections.abc import Mapping
from typing import Any

from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import Malformed, identity, inside, network, objects, texts
from twin.semantics.network.headers import ICMP, ICMPV6, NUMBERS
from twin.semantics.network.intervals import Network
from twin.semantics.network.topology import AclEntry, Match, NetworkAcl, Permission, SecurityGroup

PREFIX_LIST = re.compile(r"pl-[0-9a-zA-Z]+")
PrefixLists = Mapping[str, tuple[Network, ...]]


def prefix_lists(snapshot: Snapshot) -> dict[str, tuple[Network, ...]]:
    """Return the blocks of each prefix list whose entries were told.

    Entries (`get-managed-prefix-list-entries`) name their list beside them or in their file's name.
    """
    found: dict[str, tuple[Network, ...]] = {}
    for item in snapshot.of("PrefixLists"):
        if "Cidrs" in item.data:
            name = identity(item, "PrefixListId")
            found[name] = tuple(network(item, one) for one in texts(item, "Cidrs"))
        for entry in objects(item, item.data, "Entries"):
            name = identity(item, "PrefixListId")
            found[name] = (*found.get(name, ()), network(item, entry.get("Cidr")))
    for item in snapshot.of("Entries"):
        stem = PREFIX_LIST.search(item.path.name)
        name = str(item.beside.get("PrefixListId") or (stem.group() if stem else ""))
        if not name:
            raise Malformed(item, "entries of no named prefix list; put its id in the file's name")
        found[name] = (*found.get(name, ()), network(item, item.data.get("Cidr")))
    return found


def security_groups(snapshot: Snapshot, lists: PrefixLists) -> tuple[dict[str, SecurityGroup], list[str]]:
    """Return the security groups, prefix lists expanded, and a note on each list that was not told."""
    found: dict[str, SecurityGroup] = {}
    notes: list[str] = []
    for item in snapshot.of("SecurityGroups"):
        name = identity(item, "GroupId")
        sides = [
            tuple(_permission(item, one, lists, notes) for one in objects(item, item.data, member))
            for member in ("IpPermissions", "IpPermissionsEgress")
        ]
        found[name] = SecurityGroup(name, str(item.data.get("VpcId") or ""), *sides)
    return found, notes


def _permission(item: Item, data: Mapping[str, Any], lists: PrefixLists, notes: list[str]) -> Permission:
    blocks = [network(item, one.get("CidrIp")) for one in objects(item, data, "IpRanges")]
    blocks += [network(item, one.get("CidrIpv6")) for one in objects(item, data, "Ipv6Ranges")]
    for one in objects(item, data, "PrefixListIds"):
        name = str(one.get("PrefixListId"))
        if name not in lists:
            notes.append(f"{item.path}: the entries of {name} were not told; the rule is taken to allow nothing")
        blocks += lists.get(name, ())
    # A rule whose peering is gone stays, and admits nobody (VPC peering guide, stale security group rules).
    pairs = [one for one in objects(item, data, "UserIdGroupPairs") if one.get("PeeringStatus") in (None, "active")]
    groups = tuple(str(one.get("GroupId")) for one in pairs)
    return Permission(_match(item, data.get("IpProtocol"), data), tuple(blocks), groups)


def _match(item: Item, protocol: Any, ports: Mapping[str, Any]) -> Match:
    number = _protocol(item, protocol)
    low, high = ports.get("FromPort"), ports.get("ToPort")
    if number in (ICMP, ICMPV6):
        return Match(number, (None if low in (None, -1) else low, None if high in (None, -1) else high))
    return Match(number, (None, None) if low in (None, -1) else (low, high))


def _protocol(item: Item, value: Any) -> int | None:
    text = str(value).lower()
    if text == "-1":
        return None
    number = NUMBERS.get(text)
    if number is not None:
        return number
    if not text.isdecimal() or int(text) > 255:
        raise Malformed(item, f"{value!r} is no protocol")
    return int(text)


def acls(snapshot: Snapshot) -> dict[str, NetworkAcl]:
    """Return the network ACLs."""
    found: dict[str, NetworkAcl] = {}
    for item in snapshot.of("NetworkAcls"):
        name = identity(item, "NetworkAclId")
        entries = tuple(_entry(item, one) for one in objects(item, item.data, "Entries"))
        subnets = texts(item, "Associations[].SubnetId")
        found[name] = NetworkAcl(name, identity(item, "VpcId"), entries, subnets, bool(item.data.get("IsDefault")))
    return found


def _entry(item: Item, data: Mapping[str, Any]) -> AclEntry:
    number = _protocol(item, data.get("Protocol"))
    if number in (ICMP, ICMPV6):
        code = inside(data, "IcmpTypeCode", "Code")
        type_ = inside(data, "IcmpTypeCode", "Type")
        match = Match(number, (None if type_ in (None, -1) else type_, None if code in (None, -1) else code))
    else:
        match = Match(number, (inside(data, "PortRange", "From"), inside(data, "PortRange", "To")))
    block = network(item, data.get("CidrBlock") or data.get("Ipv6CidrBlock"))
    allow = str(data.get("RuleAction")).lower() == "allow"
    return AclEntry(int(data.get("RuleNumber") or 0), bool(data.get("Egress")), allow, match, block)
