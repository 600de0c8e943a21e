"""The BIND zone file that a zone exports."""

from typing import Any

from twin.clock import Clock
from twin.world.saas.cloudflare.state import Zone


def _quoted(text: str) -> str:
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{escaped[start : start + 255]}"' for start in range(0, max(len(escaped), 1), 255))


def _content(record: dict[str, Any]) -> str:
    kind, content = record["type"], record["content"]
    if kind in ("CNAME", "NS", "PTR"):
        return f"{content}."
    if kind == "MX":
        return f"{record['priority']} {content}."
    if kind == "SRV":
        return f"{record['priority']} {content}."
    if kind == "TXT":
        return _quoted(content)
    if kind == "LOC":
        return str(content.removeprefix("IN LOC "))
    return str(content)


def _line(record: dict[str, Any]) -> str:
    remarks = [f"cf_tags=cf-proxied:{str(record['proxied']).lower()}"]
    if record["comment"]:
        remarks.insert(0, record["comment"].replace("\n", " "))
    return f"{record['name']}.\t{record['ttl']}\tIN\t{record['type']}\t{_content(record)} ; {' '.join(remarks)}"


def zone_file(zone: Zone, clock: Clock) -> str:
    """Write the records of a zone, grouped by type, under its SOA and NS."""
    serial = int(zone.modified_on.timestamp())
    primary = zone.name_servers[0]
    lines = [
        ";;",
        f";; Domain:     {zone.name}.",
        f";; Exported:   {clock.now():%Y-%m-%d %H:%M:%S}",
        ";;",
        "",
        ";; SOA Record",
        f"{zone.name}\t3600\tIN\tSOA\t{primary}. dns.cloudflare.com. {serial} 10000 2400 604800 3600",
        "",
        ";; NS Records",
        *(f"{zone.name}.\t86400\tIN\tNS\t{server}." for server in zone.name_servers),
    ]
    records = sorted(zone.records.values(), key=lambda record: (record["type"], record["name"], record["content"]))
    kinds = sorted({record["type"] for record in records})
    for kind in kinds:
        lines += ["", f";; {kind} Records", *(_line(record) for record in records if record["type"] == kind)]
    return "\n".join(lines) + "\n"
