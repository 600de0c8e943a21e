"""What a DNS record may hold: names, content by type, structured data, TTL, proxying, comment and tags."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network
from typing import Any

from twin.world.saas.cloudflare.body import matches, typed
from twin.world.saas.cloudflare.envelope import refusal
from twin.world.saas.cloudflare.reference import plan_limits, reference
from twin.world.saas.cloudflare.state import Zone

Record = dict[str, Any]

LABEL = re.compile(r"\*|[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?")
TXT_LIMIT = 2048
# Addresses that Cloudflare's edge cannot reach; documentation ranges stay allowed (the usual "originless" records).
UNREACHABLE = [
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10")
] + [ip_network(text) for text in ("fc00::/7", "fe80::/10", "::1/128")]


def host_name(text: object) -> str | None:
    """Return a host name in its stored form (lower case, IDNA, no final dot), None when it is none."""
    if not isinstance(text, str) or not text.strip("."):
        return None
    try:
        name = text.rstrip(".").encode("idna").decode() if not text.isascii() else text.rstrip(".")
    except UnicodeError:
        return None
    name = name.lower()
    labels = name.split(".")
    fits = len(name) <= 253 and all(len(label) <= 63 and LABEL.fullmatch(label) for label in labels)
    return name if fits else None


def record_name(zone: Zone, text: object) -> str:
    """Return the full name of a record: `@` is the apex, a name outside the zone is taken as relative to it."""
    if text == "@":
        return zone.name
    name = host_name(text)
    if name is None or "*" in name.split(".")[1:]:
        raise refusal("dns-name")
    if name != zone.name and not name.endswith("." + zone.name):
        name = f"{name}.{zone.name}"
    if len(name) > 253:
        raise refusal("dns-name")
    return name


def type_rule(kind: object) -> dict[str, Any]:
    """Return the rule of a record type."""
    rule: dict[str, Any] | None = reference("dns_types", "types").get(kind) if isinstance(kind, str) else None
    if rule is None:
        raise refusal("dns-type", type=kind)
    return rule


def _address(content: str, kind: str) -> str:
    try:
        return str(IPv4Address(content) if kind == "A" else IPv6Address(content))
    except AddressValueError as broken:
        raise refusal("dns-a" if kind == "A" else "dns-aaaa") from broken


def plain_content(zone: Zone, record: Record) -> str:
    """Check and normalise the `content` of a type that has no structured data."""
    content, kind = record.get("content"), record["type"]
    if not isinstance(content, str) or not content:
        raise refusal("dns-content")
    form = type_rule(kind)["kind"]
    if form in ("ipv4", "ipv6"):
        return _address(content, kind)
    if form == "text":
        if kind == "TXT" and len(content) > TXT_LIMIT:
            raise refusal("dns-txt", limit=TXT_LIMIT)
        return content
    name = zone.name if content == "@" else host_name(content)
    if name is None or "*" in name or _is_address(name):
        raise refusal("dns-cname") if kind == "CNAME" else refusal("dns-host", type=kind)
    if kind == "CNAME" and name == record["name"]:
        raise refusal("dns-cname-self")
    return name


def _is_address(text: str) -> bool:
    return re.fullmatch(r"[0-9.]+", text) is not None


def _field(name: str, value: Any, rule: Any) -> Any:
    if value is None:
        raise refusal("dns-data-missing", field=name)
    if rule == "host":
        host = "." if value == "." else host_name(value)
        valid, value = host is not None, host
    elif rule == "text":
        valid = isinstance(value, str)
    elif isinstance(rule[0], str):
        valid = value in rule
    else:
        valid = matches(value, "number") and rule[0] <= value <= rule[1]
    if not valid:
        raise refusal("dns-data-field", field=name)
    return value


def structured(record: Record) -> tuple[Record, str]:
    """Check the `data` of a record that has any; return it with the content that it amounts to."""
    rule, data = type_rule(record["type"]), record.get("data")
    if not isinstance(data, dict):
        raise refusal("dns-data-missing", field="data")
    given = {**rule.get("defaults", {}), **data}
    checked = {name: _field(name, given.get(name), kind) for name, kind in rule["data"].items()}
    return checked, rule["content"].format(**checked)


def proxiable(record: Record) -> bool:
    """Tell whether Cloudflare's proxy could stand in front of a record."""
    if not type_rule(record["type"]).get("proxiable"):
        return False
    if record["type"] == "CNAME":
        return True
    address = (IPv4Address if record["type"] == "A" else IPv6Address)(record["content"])
    return not any(address in network for network in UNREACHABLE if network.version == address.version)


def priority(record: Record) -> int | None:
    """Return the priority of a record whose type has one; for SRV it lies in its data."""
    where = type_rule(record["type"]).get("priority")
    if where == "data":
        return int(record["data"]["priority"])
    if not where:
        return None
    value = record.get("priority")
    if not matches(value, "integer") or not 0 <= int(value or 0) <= 65535:
        raise refusal("dns-priority")
    return int(value or 0)


def ttl(zone: Zone, record: Record) -> int:
    """Return the TTL: 1 (automatic) when proxied, else 1 or a number of seconds that the plan allows."""
    value = record.get("ttl", 1)
    low = plan_limits(zone.plan)["dns_min_ttl"]
    if not matches(value, "number") or value != int(value) or (value != 1 and not low <= value <= 86400):
        raise refusal("dns-ttl", low=low)
    return 1 if record["proxied"] else int(value)


def proxied(record: Record) -> bool:
    """Return whether a record is proxied; refuse types (9004) and targets (9003) that cannot be."""
    value: bool = typed(record, "proxied", "boolean", False)
    if value and not type_rule(record["type"]).get("proxiable"):
        raise refusal("dns-proxied-type")
    if value and not proxiable(record):
        raise refusal("dns-proxied-target", content=record["content"])
    return value


def notes(zone: Zone, record: Record) -> tuple[str | None, list[str]]:
    """Return comment and tags, within what the plan allows."""
    limits = plan_limits(zone.plan)
    comment = typed(record, "comment", "text")
    tags = typed(record, "tags", "list", [])
    if comment is not None and len(comment) > limits["dns_comment"]:
        excess = refusal("dns-comment", count=len(comment), limit=limits["dns_comment"])
        raise refusal("dns-validation", chain=excess)
    if not all(isinstance(tag, str) for tag in tags):
        raise refusal("bad-field", field="tags", reason="must be a list of texts")
    if len(tags) > limits["dns_tags"]:
        raise refusal("dns-validation", chain=refusal("dns-tags", count=len(tags), limit=limits["dns_tags"]))
    return comment or None, sorted(tags)
