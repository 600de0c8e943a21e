"""What flow logs of VPCs hold: one happening per record, read from the log groups that they lead to."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from twin.observe.happening import OK, Happening
from twin.resources.call import aws
from twin.resources.transport import System

FIELD = re.compile(r"\$\{([^}]+)\}")
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


def flows_of(system: System, region: str, *, since: datetime | None, most: int) -> Iterator[Happening]:
    """Yield the newest records of a Region's flow logs that lead to log groups; a bucket's files are not read."""
    told: dict[str, Any] = system.execute(aws("ec2", "DescribeFlowLogs", {}, region=region))
    for log in told.get("FlowLogs") or ():
        if log.get("LogGroupName"):
            fields = FIELD.findall(log["LogFormat"])
            lines = deque(_lines(system, region, log["LogGroupName"], since), maxlen=most)
            found = (of_flow(dict(zip(fields, line.split(" "), strict=False)), region) for line in reversed(lines))
            yield from (one for one in found if one is not None)


def _lines(system: System, region: str, group: str, since: datetime | None) -> Iterator[str]:
    asked: dict[str, Any] = {"logGroupName": group}
    if since is not None:
        asked["startTime"] = int(since.timestamp() * 1000)
    token = None
    while True:
        reply = system.execute(aws("logs", "FilterLogEvents", {**asked, "nextToken": token}, region=region))
        yield from (one["message"] for one in reply.get("events") or ())
        token = reply.get("nextToken")
        if not token:
            return


def of_flow(record: Mapping[str, str], region: str) -> Happening | None:
    """Return a record; None for one without data, or whose format tells neither its end nor its addresses."""
    known = {name: value for name, value in record.items() if value != "-"}
    if not {"end", "srcaddr", "dstaddr"} <= known.keys():
        return None
    protocol = known.get("protocol", "")
    action, where = known.get("action", ""), known.get("interface-id", "")
    place = " ".join(known.get(n, "") for n in ("interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "action"))
    return Happening(
        f"flow {region} {place} {known.get('start', '')} {known['end']}",
        datetime.fromtimestamp(int(known["end"]), UTC), "flows", known["srcaddr"],
        f"flow:{PROTOCOLS.get(protocol, protocol)} {known['dstaddr']}:{known.get('dstport', '')}",
        action if action == "REJECT" else OK, where, region, known,
    )  # fmt: skip
