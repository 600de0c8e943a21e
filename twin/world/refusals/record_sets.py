"""What Route 53 refuses about a batch of changes as a whole: each is tried on what the ones before left.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
"""

import re
from collections.abc import Iterator
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

ROUTED = (
    "Weight",
    "Region",
    "Failover",
    "GeoLocation",
    "MultiValueAnswer",
    "CidrRoutingConfig",
    "GeoProximityLocation",
)
HEAVIEST = 255
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html; white space would be escaped.
LABEL = re.compile(r"[^\s]{1,63}")
TEXT = re.compile(r'\s*"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*\s*', re.DOTALL)
Key = tuple[str, str, str | None]
Kept = dict[Key, dict[str, Any]]


@refuses("route53", "ChangeResourceRecordSets")
def batch_applies(asked: Asked) -> None:
    """A batch is carried out as a whole or not at all."""
    zone = asked.state().zones.get(asked.parameters["HostedZoneId"].rpartition("/")[2])
    if zone is None:
        return
    kept, apex, faults = _kept(zone), _full(zone.name), []
    for change in asked.parameters["ChangeBatch"]["Changes"]:
        record = change["ResourceRecordSet"]
        _is_complete(asked, record)
        key = (_full(record["Name"]), record["Type"], record.get("SetIdentifier"))
        found = list(_faults(change["Action"], record, key, kept=kept, apex=apex))
        faults += found
        if not found and change["Action"] == "DELETE":
            del kept[key]
        elif not found:
            kept[key] = record
    if faults:
        raise Refusal("InvalidChangeBatch", f"[{', '.join(faults)}]")


def _kept(zone: Any) -> Kept:
    return {(_full(each.name), each.type, each.set_identifier or None): _told(each) for each in zone.rrsets}


def _told(kept: Any) -> dict[str, Any]:
    routed = {
        "Weight": kept.weight, "Region": kept.region, "Failover": kept.failover, "GeoLocation": kept.geo_location,
        "MultiValueAnswer": kept.multi_value_answer,
    }  # fmt: skip
    told: dict[str, Any] = {name: value for name, value in routed.items() if value not in (None, "", {})}
    if not kept.alias_target:
        told |= {"ResourceRecords": [{"Value": value} for value in kept.records], "TTL": kept.ttl}
    return told


def _full(name: str) -> str:
    return name.rstrip(".").lower().replace("\\052", "*") + "."


def _is_complete(asked: Asked, record: dict[str, Any]) -> None:
    """A set of several says which it is and when it is chosen."""
    routed = [name for name in ROUTED if record.get(name) is not None]
    about = f"Change with [Name={record['Name']}, Type={record['Type']}, SetIdentifier={record.get('SetIdentifier')}]"
    if record.get("SetIdentifier") and not routed:
        raise _invalid(f"Missing field 'Weight', 'Region', 'Failover', 'GeoLocation' or 'MultiValueAnswer' in {about}")
    if routed and not record.get("SetIdentifier"):
        raise _invalid(f"Missing field 'SetIdentifier' in {about}")
    if (weight := record.get("Weight")) is not None and not 0 <= int(weight) <= HEAVIEST:
        raise _invalid(f"Value '{weight}' at 'weight' must be between 0 and {HEAVIEST} in {about}")
    plain = record.get("AliasTarget") is None and record.get("TrafficPolicyInstanceId") is None
    if plain and (record.get("TTL") is None or not record.get("ResourceRecords")):
        raise _invalid(f"Missing field 'TTL' and 'ResourceRecords', or 'AliasTarget' in {about}")
    if record.get("AliasTarget") is not None and record.get("TTL") is not None:
        raise _invalid(f"Expected exactly one of AliasTarget and TTL, but found more than one in {about}")
    check = record.get("HealthCheckId")
    if check is not None and check not in asked.state().health_checks:
        raise Refusal("NoSuchHealthCheck", f"A health check with id {check} does not exist.", 404)


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidInput", f"Invalid request: {message}")


def _faults(action: str, record: dict[str, Any], key: Key, *, kept: Kept, apex: str) -> Iterator[str]:
    name, kind, own = key
    about = f"[name='{name}', type='{kind}'" + (f", set-identifier='{own}']" if own else "]")
    if name != apex and not name.endswith(f".{apex}"):
        yield f"RRSet with DNS name {name} is not permitted in zone {apex}"
    elif action == "DELETE":
        if key not in kept:
            yield f"Tried to delete resource record set {about} but it was not found"
        elif _values(record) != _values(kept[key]):
            yield f"Tried to delete resource record set {about} but the values provided do not match the current values"
    elif action == "CREATE" and key in kept:
        yield f"Tried to create resource record set {about} but it already exists"
    else:
        yield from _conflicts(record, key, kept)
        yield from _malformed(kind, record)


def _values(record: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return what must be the same to delete a record; an alias is compared by the store."""
    if "ResourceRecords" not in record:
        return None
    return int(record.get("TTL") or 0), sorted(each["Value"] for each in record["ResourceRecords"])


def _conflicts(record: dict[str, Any], key: Key, kept: Kept) -> Iterator[str]:
    name, kind, own = key
    beside = {other: told for other, told in kept.items() if other[0] == name and other != key}
    if any((kind == "CNAME") != (other[1] == "CNAME") for other in beside):
        yield (
            f"RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records with the "
            "same DNS name"
        )
        return
    same = {other: told for other, told in beside.items() if other[1] == kind}
    mixed = any((own is None) != (other[2] is None) for other in same)
    routing = {policy for policy in ROUTED if record.get(policy) is not None}
    others = {policy for told in same.values() for policy in ROUTED if told.get(policy) is not None}
    if mixed or (same and routing != others):
        yield (
            f"RRSet with DNS name {name}, type {kind}, SetIdentifier {own} cannot be created as other RRSets exist "
            "with the same name and type"
        )


def _malformed(kind: str, record: dict[str, Any]) -> Iterator[str]:
    for each in record.get("ResourceRecords", ()):
        value = each["Value"]
        if kind in ("TXT", "SPF") and not TEXT.fullmatch(value):
            yield _fatal("InvalidCharacterString (Value should be enclosed in quotation marks)", value)
        if kind == "MX" and len(value.split()) != len(("priority", "host")):
            yield _fatal("MXRRDATANotTwoFields (MX record doesn't have 2 fields)", value)


def _fatal(what: str, value: str) -> str:
    return f"Invalid Resource Record: 'FATAL problem: {what} encountered with '{value}''"


@refuses("route53", "CreateHostedZone")
def caller_reference(asked: Asked) -> None:
    """A reference makes one zone."""
    told = asked.parameters.get("CallerReference")
    if any(getattr(zone, "caller_reference", None) == told for zone in asked.state().zones.values()):
        message = "A hosted zone has already been created with the specified caller reference."
        raise Refusal("HostedZoneAlreadyExists", message, 409)


@refuses("route53", "CreateHostedZone")
def name_of_a_zone(asked: Asked) -> None:
    """A zone has the name of a domain."""
    name = str(asked.parameters.get("Name", ""))
    labels = name.removesuffix(".").split(".")
    if not all(LABEL.fullmatch(label) for label in labels):
        raise Refusal("InvalidDomainName", f"DNS name {name} contains invalid characters or an empty label")


@refuses("route53", "ChangeTagsForResource", "ListTagsForResource")
def tagged_thing(asked: Asked) -> None:
    """What is tagged is there."""
    id_ = str(asked.parameters.get("ResourceId"))
    if asked.parameters.get("ResourceType") == "healthcheck" and id_ not in asked.state().health_checks:
        raise Refusal("NoSuchHealthCheck", f"No health check exists with the specified ID: {id_}", 404)
    if asked.parameters.get("ResourceType") == "hostedzone" and id_ not in asked.state().zones:
        raise Refusal("NoSuchHostedZone", f"No hosted zone found with ID: {id_}", 404)


@refuses("route53", "CreateHealthCheck")
def endpoint_of_a_check(asked: Asked) -> None:
    """A check of an endpoint names it."""
    config = asked.parameters.get("HealthCheckConfig") or {}
    calls = config.get("Type") in ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
    if calls and not (config.get("IPAddress") or config.get("FullyQualifiedDomainName")):
        raise Refusal("InvalidInput", "Invalid parameter : IPAddress or FullyQualifiedDomainName must be specified")
