"""What Route 53 refuses in a batch of record changes."""

import ipaddress
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

FAMILIES = {"A": (ipaddress.IPv4Address, "ARRDATAIllegalIPv4Address", "IPv4"),
            "AAAA": (ipaddress.IPv6Address, "AAAARRDATAIllegalIPv6Address", "IPv6")}  # fmt: skip


@refuses("route53", "ChangeResourceRecordSets")
def record_sets(asked: Asked) -> None:
    """No CNAME at the apex, and addresses in address records; every fault of the batch at once."""
    zone_id = asked.parameters["HostedZoneId"].rpartition("/")[2]
    zone = asked.state().zones.get(zone_id)
    faults: list[str] = []
    for change in asked.parameters["ChangeBatch"]["Changes"]:
        if change["Action"] != "DELETE":
            faults += _faults(change["ResourceRecordSet"], zone.name if zone is not None else "")
    if faults:
        raise Refusal("InvalidChangeBatch", f"[{', '.join(faults)}]")


def _faults(record: dict[str, Any], zone: str) -> list[str]:
    kind, name = record["Type"], record["Name"].rstrip(".").lower() + "."
    apex = zone.rstrip(".").lower() + "."
    if kind == "CNAME" and name == apex:
        return [f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {apex}"]
    if kind not in FAMILIES:
        return []
    return [fault for each in record.get("ResourceRecords", ()) if (fault := _bad_address(kind, each["Value"]))]


def _bad_address(kind: str, value: str) -> str | None:
    family, code, label = FAMILIES[kind]
    try:
        family(value)
    except ValueError:
        return (
            f"Invalid Resource Record: 'FATAL problem: {code} (Value is not a valid {label} address) "
            f"encountered with '{value}''"
        )
    return None
