"""Reads the network of an org from any target, as the replies that a saved folder would hold."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from twin.errors import TargetError
from twin.observe.iam.organization import accounts
from twin.observe.iam.read import entered
from twin.observe.iam.reader import Reader, Send
from twin.observe.reads import EACH, EVERY_ROUTE, READS, Each
from twin.observe.snapshot import NARRATION, Snapshot, collected
from twin.observe.topology import assemble
from twin.resources.call import Refused, cloudflare
from twin.resources.transport import System
from twin.semantics.network.topology import Topology

Reply = dict[str, Any]
WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=DB)(?=[A-Z])")

KEPT = {
    "Functions": ("FunctionName", "FunctionArn", "VpcConfig"),
    "VpnConnections": (
        "VpnConnectionId", "State", "Type", "VpnGatewayId", "TransitGatewayId", "CustomerGatewayId", "Routes", "Tags",
    ),
}  # fmt: skip
"""What is kept of objects that hold secrets: functions' environments, the pre-shared keys of VPNs."""
OF_ZONES = ("id", "name", "status", "paused", "type")
OF_RECORDS = ("id", "name", "type", "content", "proxied", "priority")


@dataclass(frozen=True, slots=True)
class Reading:
    """The replies by the file that holds each in a saved folder, and what could not be read."""

    files: Mapping[str, Reply] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()

    def snapshot(self) -> Snapshot:
        """Return what was read as the snapshot that its saved folder would be."""
        read = collected({Path(name): [reply] for name, reply in self.files.items()}) if self.files else Snapshot({})
        return Snapshot(read.items, (*read.notes, *(f"not seen: {gap}" for gap in self.gaps)))

    def topology(self) -> Topology:
        """Return what was read as a topology."""
        return assemble(self.snapshot())

    def save(self, folder: Path) -> None:
        """Write a file per reply: sorted, and the same bytes for the same replies."""
        for name, reply in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(reply, indent=1, sort_keys=True) + "\n", "utf-8")


def read(systems: Mapping[str, System], account: str, regions: Sequence[str]) -> Reading:
    """Read the network of every account of the org; what is refused stands in `gaps`.

    `systems` are a target's: `aws` in the account. Other accounts of the organization are entered through the role
    that Organizations makes in them. Only calls that read are sent. TargetError when nobody answers.
    """
    if "aws" not in systems:
        raise TargetError("the target has no AWS to read")
    home = systems["aws"]
    first = Reader(home.execute, account, regions[0])
    files: dict[str, Reply] = {}
    gaps: list[str] = []
    for one in accounts(first):
        send = home.execute if one.id == account else entered(home, one.id, gaps)
        for region in regions if send is not None else ():
            assert send is not None
            found = read_region(send, one.id, region)
            files |= found.files
            gaps += found.gaps
    if "cloudflare" in systems:
        files |= _edge(systems["cloudflare"].execute, gaps)
    return Reading(dict(sorted(files.items())), tuple(dict.fromkeys((*first.gaps, *gaps))))


def _edge(send: Send, gaps: list[str]) -> dict[str, Reply]:
    """Read the zones at Cloudflare with their DNS records."""
    try:
        zones = send(cloudflare("GET", "/zones", pages=True)) or []
        found = {"cloudflare/zones.json": {"CloudflareZones": [_kept(one, OF_ZONES) for one in zones]}} if zones else {}
        for zone in zones:
            records = send(cloudflare("GET", f"/zones/{zone['id']}/dns_records", pages=True)) or []
            kept = sorted((_kept(one, OF_RECORDS) for one in records), key=lambda one: str(one["id"]))
            found[f"cloudflare/{zone['name']}.json"] = {"ZoneId": zone["id"], "CloudflareRecords": kept}
    except Refused as refused:
        gaps.append(f"cloudflare: {refused}")
        return {}
    return found


def _kept(told: Mapping[str, Any], members: Sequence[str]) -> Reply:
    return {name: told[name] for name in members if name in told}


def read_region(
    send: Send, account: str, region: str, *, kinds: Collection[str] | None = None,
    known: Mapping[str, list[Any]] = MappingProxyType({}),
) -> Reading:  # fmt: skip
    """Read the network of one account in one Region; only some `kinds` of replies, about what is `known`, if asked."""
    reader = Reader(send, account, region)
    folder = PurePosixPath("accounts", account, region)
    files: dict[str, Reply] = {}
    held = dict(known)
    for one in READS:
        if kinds is not None and one.key not in kinds:
            continue
        reply = _plain(reader.read(one.service, one.operation), one.key)
        held[one.key] = reply.get(one.key, [])
        if held[one.key]:
            files[str(folder / f"{_slug(one.name)}.json")] = reply
    for each in EACH:
        if kinds is not None and each.key not in kinds:
            continue
        for name, reply in _about(reader, each, held.get(each.parent, [])):
            held.setdefault(each.key, []).extend(reply[each.key] if isinstance(reply[each.key], list) else ())
            files[str(folder / name)] = reply
    for name, reply in _node_groups(reader, files) if kinds is None else ():
        files[str(folder / name)] = reply
    return Reading(files, tuple(reader.gaps))


def _about(reader: Reader, each: Each, parents: list[Any]) -> Iterator[tuple[str, Reply]]:
    """Yield the reply about each parent, the parent's id beside it."""
    for parent in parents:
        name = parent[each.member] if each.member else parent
        params = {each.param: name} | (EVERY_ROUTE if each.operation == "SearchTransitGatewayRoutes" else {})
        reply = _plain(reader.read(each.service, each.operation, params), each.key)
        if reply.get(each.key):
            yield f"{_slug(each.name)}-{_short(name)}.json", {each.param: name, **reply}


def _node_groups(reader: Reader, files: Mapping[str, Reply]) -> list[tuple[str, Reply]]:
    """Read the node groups of every cluster, which are asked for by two names."""
    found: list[tuple[str, Reply]] = []
    for reply in list(files.values()):
        for name in reply.get("nodegroups", ()):
            asked = {"clusterName": reply["clusterName"], "nodegroupName": name}
            told = _plain(reader.read("eks", "DescribeNodegroup", asked), "nodegroup")
            if told:
                found.append((f"describe-nodegroup-{reply['clusterName']}-{name}.json", told))
    return found


def _plain(reply: Mapping[str, Any], key: str) -> Reply:
    """Return a reply as its saved file would be read: JSON's types, its list in one order."""
    told = {member: value for member, value in reply.items() if member not in NARRATION}
    if key in KEPT:
        told[key] = [_kept(one, KEPT[key]) for one in told.get(key, ())]
    plain: Reply = json.loads(json.dumps(told, default=_text))
    if isinstance(plain.get(key), list):
        plain[key].sort(key=lambda one: json.dumps(one, sort_keys=True))
    return plain


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a reply holds a {type(value).__name__}")


def _slug(operation: str) -> str:
    return WORD.sub("-", operation).lower()


def _short(name: str) -> str:
    """Return the end of an id that tells it apart within its kind, as a file's name."""
    return (
        name.partition(":loadbalancer/")[2].replace("/", "-")
        or "-".join(name.rpartition(":")[2].split("/")[1:])
        or name
    )
