"""A folder of saved `describe-*` replies: found in any of three layouts, each file known by its top-level key.

The layouts are flat, `REGION/` and `accounts/ID/REGION/`. Pages of one call may be saved as several files, and what
several files say of one kind is put together.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twin.errors import UsageError
from twin.observe.saved_files import candidates, replies

REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
ACCOUNT = re.compile(r"\d{12}")
TABLE = re.compile(r"tgw-rtb-[0-9a-zA-Z]+")
NARRATION = frozenset(
    {"NextToken", "NextMarker", "Marker", "ResponseMetadata", "AdditionalRoutesAvailable", "RequestId"}
)
"""Members of a reply that say nothing of the network."""

KINDS = frozenset({
    "Vpcs", "Subnets", "RouteTables", "NetworkAcls", "SecurityGroups", "Reservations",
    "NetworkInterfaces", "Addresses", "InternetGateways", "EgressOnlyInternetGateways", "NatGateways", "VpcEndpoints",
    "VpcPeeringConnections", "TransitGateways", "TransitGatewayAttachments", "TransitGatewayVpcAttachments",
    "TransitGatewayPeeringAttachments", "TransitGatewayRouteTables", "VpnGateways", "VpnConnections", "LoadBalancers",
    "Listeners", "Rules", "TargetGroups", "TargetHealthDescriptions", "PrefixLists", "Entries", "Routes",
    "TransitGatewayRouteTablePropagations", "Associations", "DBInstances", "DBClusters",
    "DBSubnetGroups", "Functions", "AutoScalingGroups", "Attributes", "CloudflareZones", "CloudflareRecords",
})  # fmt: skip
"""The kinds that make up a topology, by the top-level key of their reply."""
NESTED = {
    "TransitGatewayStaticRoutes": "Routes",
    "TransitGatewayRoutes": "Routes",
    "TransitGatewayPropagations": "TransitGatewayRouteTablePropagations",
    "TransitGatewayAssociations": "Associations",
    "LoadBalancerListeners": "Listeners",
    "LoadBalancerTargetHealth": "TargetHealthDescriptions",
    "ManagedPrefixListEntries": "Entries",
}
"""Keys under which tools keep a list of replies, each with the id that it was asked for."""

SINGLE = {"cluster": "Clusters", "nodegroup": "Nodegroups"}
"""Replies that hold one object."""
KNOWN = frozenset({*KINDS, *NESTED, *SINGLE})
BESIDE = frozenset({"clusters", "nodegroups"})
"""Lists of names, which the objects' own replies say again."""


@dataclass(frozen=True, slots=True)
class Item:
    """One described object, where it was described, and the members that stood beside its list (an id asked for)."""

    data: Mapping[str, Any]
    path: Path
    region: str = ""
    account: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.place}" if self.place else str(self.path)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All described objects by kind, and notes on what was passed over."""

    items: Mapping[str, tuple[Item, ...]]
    notes: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[Item, ...]:
        """Return the objects of a kind."""
        return self.items.get(kind, ())

    def without(self, gone: Item) -> "Snapshot":
        """Return the snapshot without what stands at an item's place."""
        kept = {
            kind: tuple(one for one in found if (one.path, one.place) != (gone.path, gone.place))
            for kind, found in self.items.items()
        }
        return replace(self, items=kept)


def read(folder: Path) -> Snapshot:
    """Read all files of a snapshot; one UsageError names every file that is not shaped as a reply, and where."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    found: dict[Path, list[Mapping[str, Any]]] = {}
    wrong: list[str] = []
    for path in candidates(folder):
        try:
            found[path] = replies(path, KNOWN | BESIDE)
        except UsageError as problem:
            wrong.append(str(problem))
    return collected(found, folder, wrong)


def collected(
    told: Mapping[Path, Sequence[Mapping[str, Any]]], folder: Path = Path(), wrong: Sequence[str] = ()
) -> Snapshot:  # fmt: skip
    """Put replies together by kind, their Region and account told by their path; UsageError has all that is wrong."""
    items: dict[str, list[Item]] = defaultdict(list)
    notes: list[str] = []
    problems = list(wrong)
    for path, number, reply in (
        (path, number, one) for path, pages in told.items() for number, one in enumerate(pages)
    ):
        region, account = _place(path.relative_to(folder))
        known = [key for key in reply if key in KNOWN]
        if not known and not BESIDE & set(reply):
            notes.append(f"{path}: nothing known in it ({', '.join(sorted(set(reply) - NARRATION)) or 'empty'})")
        for kind in known:
            try:
                for found, item in _items(reply, kind, path):
                    place = f"{item.place} of page {number + 1}" if number and item.place else item.place
                    items[found].append(replace(item, region=region, account=account, place=place))
            except UsageError as problem:
                problems.append(str(problem))
    notes += [f"{path}: nothing known in it (no reply)" for path, pages in told.items() if not pages]
    if problems:
        raise UsageError("\n".join(problems))
    if not any(items.values()):
        raise UsageError(f"{folder} holds no saved describe reply")
    return Snapshot({kind: tuple(found) for kind, found in items.items()}, tuple(notes))


def _items(reply: Mapping[str, Any], kind: str, path: Path) -> Iterator[tuple[str, Item]]:
    listed = [reply[kind]] if kind in SINGLE else reply[kind]
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise UsageError(f"{path}: {kind} must be a list of objects")
    if kind in NESTED:
        for one in listed:
            if NESTED[kind] in one:
                yield from _items(one, NESTED[kind], path)
            else:
                yield NESTED[kind], Item(one, path, beside={"_stem": path.stem})
        return
    beside = {key: value for key, value in reply.items() if key != kind and key not in NARRATION}
    table = TABLE.search(path.name) or TABLE.search(path.parent.name)
    if table is not None:
        beside.setdefault("TransitGatewayRouteTableId", table.group())
    beside["_stem"] = path.stem
    for number, one in enumerate(listed):
        yield SINGLE.get(kind, kind), Item(one, path, beside=beside, place=f"{kind}[{number}]")


def _place(path: Path) -> tuple[str, str]:
    """Return the Region and the account that a file's folders name."""
    folders = path.parts[:-1]
    region = next((part for part in reversed(folders) if REGION.fullmatch(part)), "")
    account = next((part for part in folders if ACCOUNT.fullmatch(part)), "")
    return region, account
