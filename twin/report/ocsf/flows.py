"""Records of VPC flow logs: Network Activity, Traffic where they passed and Refuse where they were dropped."""

from collections.abc import Mapping
from typing import Any

from twin.observe.flows import PROTOCOLS
from twin.observe.happenings import Happening
from twin.report.ocsf.classes import (
    FAILURE,
    INFORMATIONAL,
    LOW,
    NETWORK,
    SUCCESS,
    UNKNOWN,
    Product,
    Told,
    event,
)  # fmt: skip
from twin.report.ocsf.original import Original

REFUSE, TRAFFIC = 5, 6
FATES = {"ACCEPT": (TRAFFIC, SUCCESS, (1, "Allowed")), "REJECT": (REFUSE, FAILURE, (2, "Denied"))}
DIRECTIONS = {"ingress": (1, "Inbound", "dst_endpoint"), "egress": (2, "Outbound", "src_endpoint")}
AT = {"interface-id": "interface_uid", "vpc-id": "vpc_uid", "subnet-id": "subnet_uid", "instance-id": "instance_uid"}
"""Where a record was made, as an endpoint has it."""


def form(one: Happening) -> dict[str, Any]:
    """Return one record; where its format does not tell the direction, the interface is neither end's."""
    original = Original(one.detail)
    take = original.take
    activity, status, (action_id, action) = FATES.get(str(take("action")), (TRAFFIC, UNKNOWN, (0, "Unknown")))
    direction, direction_name, here = DIRECTIONS.get(str(take("flow-direction")), (0, "Unknown", ""))
    protocol = take("protocol")
    parts: dict[str, Any] = {
        "src_endpoint": {"ip": take("srcaddr"), "port": _number(take("srcport"))},
        "dst_endpoint": {"ip": take("dstaddr"), "port": _number(take("dstport"))},
        "connection_info": {
            "direction_id": direction, "direction": direction_name, "protocol_num": _number(protocol),
            "protocol_name": PROTOCOLS.get(str(protocol)), "tcp_flags": _number(take("tcp-flags")),
        },
        "traffic": {"packets": _number(take("packets")), "bytes": _number(take("bytes"))},
        "action_id": action_id, "action": action,
        "start_time": _millis(take("start")), "end_time": _millis(take("end")),
        "cloud": {"provider": "AWS", "region": take("region") or one.region, "account": _account(take("account-id"))},
    }  # fmt: skip
    if here:
        parts[here] |= {ours: take(theirs) for theirs, ours in AT.items()}
    severity = LOW if status == FAILURE else INFORMATIONAL
    told = Told(NETWORK, activity, "flow", severity, status, None, take("reject-reason"))
    product = Product("AWS", "Amazon VPC", one.id, None, ("cloud", "security_control"))
    return event(one, told, product, parts, left=original)


def _number(value: Any) -> int | None:
    return int(value) if value is not None else None


def _millis(value: Any) -> int | None:
    return int(value) * 1000 if value is not None else None


def _account(value: Any) -> Mapping[str, Any]:
    return {"uid": value, "type": "AWS Account", "type_id": 10}
