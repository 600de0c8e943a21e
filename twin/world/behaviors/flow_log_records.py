"""Lines of VPC flow logs: the default format, or one's own of the documented fields.

https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

NOTHING = "-"
FORMAT = re.compile(r"\$\{[^\s${}]+\}( \$\{[^\s${}]+\})*")
FIELD = re.compile(r"\$\{([^}]+)\}")


class Interface(NamedTuple):
    """The network interface at which packets are seen."""

    id: str
    vpc: str
    subnet: str
    instance: str = ""


class Packets(NamedTuple):
    """Packets that an interface sent or received, all of one flow: what tells it from others."""

    interface: Interface
    source: str
    target: str
    source_port: int
    port: int
    protocol: int
    action: Literal["ACCEPT", "REJECT"]
    direction: Literal["ingress", "egress"]
    flags: int = 0


class Amount(NamedTuple):
    """How many packets and bytes."""

    packets: int
    bytes: int


@cache
def versions() -> Mapping[str, int]:
    """Return the documented fields, each with the version that brought it."""
    told = json.loads((files("twin.world.behaviors") / "data" / "flow_log_fields.json").read_text())["versions"]
    return {field: int(version) for version, fields in told.items() for field in fields}


def fields_of(format_: str) -> tuple[str, ...] | None:
    """Return the fields of a format; None when it is none, or has one that is not documented."""
    if not FORMAT.fullmatch(format_):
        return None
    found = tuple(FIELD.findall(format_))
    return found if all(field in versions() for field in found) else None


def line(format_: str, values: Mapping[str, Any]) -> str:
    """Return a record; what has no value is `-`."""
    fields = fields_of(format_) or ()
    told = {"version": max(2, *(versions()[field] for field in fields)), **values}
    return " ".join(str(told.get(field, NOTHING)) for field in fields)


def values_of(packets: Packets, amount: Amount) -> dict[str, Any]:
    """Return what a record tells of packets, beside where and when they were seen."""
    return {
        "srcaddr": packets.source, "dstaddr": packets.target, "pkt-srcaddr": packets.source,
        "pkt-dstaddr": packets.target, "srcport": packets.source_port, "dstport": packets.port,
        "protocol": packets.protocol, "packets": amount.packets, "bytes": amount.bytes, "action": packets.action,
        "log-status": "OK", "tcp-flags": packets.flags, "flow-direction": packets.direction,
        "type": "IPv6" if ":" in packets.source else "IPv4",
    }  # fmt: skip
