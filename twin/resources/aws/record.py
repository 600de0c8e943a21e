"""DNS records in Route 53 hosted zones."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from twin.address import Address
from twin.resources.aws.dns_value import value_problems
from twin.resources.aws.facts import facts
from twin.resources.aws.quota import beyond
from twin.resources.aws.route53 import HostedZone, bare, is_domain, ours, zones
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

RecordType = Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]
# Values of these types are domain names, which Route 53 tells with their last dot.
DOTTED = ("CNAME", "MX", "NS", "PTR", "SRV")
ROUTING = {"weight": "Weight", "failover": "Failover", "latency_region": "Region"}


class Alias(BaseModel):
    """A resource of AWS to which a record leads instead of values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dns_name: str = Field(description="As in ${aws.elbv2.load_balancer.web.dns_name}")
    zone_id: str = Field(description="The hosted zone of the target, as in ${aws.elbv2.load_balancer.web.zone_id}")
    evaluate_health: bool = True

    @field_validator("dns_name")
    @classmethod
    def _bare(cls, name: str) -> str:
        return name if unknown(name) else bare(name).lower()


class Record(Resource):
    """A record set: values with a TTL, or an alias; one of several of its name when it has a `set_identifier`."""

    TYPE: ClassVar[str] = "aws.route53.record"
    KEY: ClassVar[tuple[str, ...]] = ("zone", "name", "type", "set_identifier")

    zone: Annotated[str, RefTo("aws.route53.zone"), IMMUTABLE] = Field(description="The id of its zone")
    name: Annotated[str, IMMUTABLE] = Field(description="The whole name, as in www.example.com")
    type: Annotated[RecordType, IMMUTABLE]
    ttl: int | None = Field(default=None, description="Seconds; an alias has none of its own")
    records: Annotated[list[str] | None, UNORDERED] = Field(
        default=None, description='As in zone files; texts of TXT in quotes, "v=spf1 -all"'
    )
    alias: Annotated[Alias | None, RefTo("aws.elbv2.load_balancer")] = None
    set_identifier: Annotated[str | None, IMMUTABLE] = Field(default=None, description="Tells alternatives apart")
    weight: int | None = Field(default=None, description="The share of answers, 0 to 255")
    failover: Literal["PRIMARY", "SECONDARY"] | None = None
    latency_region: str | None = Field(default=None, description="The Region whose clients get this answer")
    health_check: Annotated[str | None, RefTo("aws.route53.health_check")] = Field(
        default=None, description="The id of the health check without which it is not given"
    )

    @field_validator("name")
    @classmethod
    def _bare(cls, name: str) -> str:
        return name if unknown(name) else bare(name).lower()

    @field_validator("records")
    @classmethod
    def _dotless(cls, records: list[str] | None, info: ValidationInfo) -> list[str] | None:
        return records and [_value(info.data.get("type", ""), value) for value in records]

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the records of each zone that we own or that is wanted."""
        items = yield from zones()
        asked = {key[0] for key in wanted.keys} | {id_.partition("/")[0] for id_ in wanted.ids}
        found = []
        for id_ in sorted(set(ours(scope, items)) | (asked & items.keys())):
            reply = yield aws("route53", "ListResourceRecordSets", {"HostedZoneId": id_}, pages=True)
            apex = bare(items[id_]["Name"])
            found += [_observed(id_, apex, item) for item in reply["ResourceRecordSets"]]
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the record; one that is there already is refused rather than overwritten."""
        yield _change("CREATE", self.zone, self._fields())
        return {"id": _id(self.zone, self.name, self.type, self.set_identifier)}

    def _fields(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in ("name", "type", "ttl", "records", "set_identifier", *ROUTING)
        } | {
            "alias": None if self.alias is None else self.alias.model_dump(),
            "health_check": self.health_check,
        }

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the record anew."""
        yield _change("UPSERT", self.zone, self._fields())

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the record; Route 53 wants it told exactly as it is, and says InvalidChangeBatch when it is gone."""
        fields = observed.fields
        id_ = fields["zone"]
        reply = yield aws(
            "route53",
            "ListResourceRecordSets",
            {"HostedZoneId": id_, "StartRecordName": fields["name"], "StartRecordType": fields["type"]},
            absent=("NoSuchHostedZone",),
        )
        for item in (reply or {}).get("ResourceRecordSets", ()):
            present = _observed(id_, "", item)
            if present.id == observed.id:
                yield _change("DELETE", id_, present.fields)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name lies in its zone, the records are those of the type, the routing is complete."""
        zone = peers.get(self.zone)
        if isinstance(zone, HostedZone) and not unknown([self.name, zone.name]):
            yield from self._check_name(bare(zone.name).lower())
        yield from self._check_target()
        yield from self._check_routing()
        yield from self._check_neighbours(peers)
        limit = facts("network")["records_per_zone"]
        members = peers.having(self.TYPE, "zone", self.zone)
        yield from beyond(limit, address, members, what="the records of the zone")

    def _check_name(self, apex: str) -> Iterable[Problem]:
        if self.name != apex and not self.name.endswith(f".{apex}"):
            yield Problem("TW0434", f"{self.name} is not in the zone {apex}", "name")
        if self.name == apex and self.type == "CNAME":
            help_ = "use an A record with an alias"
            yield Problem("TW0431", f"a CNAME cannot stand at the apex of a zone, {apex}", "type", help_)
        if not is_domain(self.name.removeprefix("*.")):
            yield Problem("TW0434", f"{self.name!r} is no domain name", "name")

    def _check_target(self) -> Iterable[Problem]:
        if (self.alias is None) == (not self.records):
            yield Problem("TW0435", "a record has either records or an alias", "records")
        if self.records and self.ttl is None:
            yield Problem("TW0433", "a record with records needs a TTL", "ttl")
        if self.alias is not None and not self.records and self.ttl is not None:
            yield Problem("TW0433", "an alias has no TTL of its own", "ttl")
        low, high = facts("network")["ttl"]
        if self.ttl is not None and not low <= self.ttl <= high:
            yield Problem("TW0433", f"a TTL is {low} to {high} seconds, this is {self.ttl}", "ttl")
        for value in self.records or ():
            yield from value_problems(self.type, value)
        if self.type == "CNAME" and len(self.records or ()) > 1:
            yield Problem("TW0432", "a CNAME has one value", "records")
        if len(set(self.records or ())) < len(self.records or ()):
            yield Problem("TW0432", "the same value is there twice", "records")

    def _check_routing(self) -> Iterable[Problem]:
        given = [name for name in ROUTING if getattr(self, name) is not None]
        if len(given) > 1:
            yield Problem("TW0435", f"a record has one routing policy, not {' and '.join(given)}", given[1])
        if bool(given) != (self.set_identifier is not None):
            yield Problem("TW0435", "a routing policy and a set_identifier go together", "set_identifier")
        low, high = facts("network")["record_weight"]
        if self.weight is not None and not low <= self.weight <= high:
            yield Problem("TW0435", f"a weight is {low} to {high}, this is {self.weight}", "weight")

    def _check_neighbours(self, peers: Peers) -> Iterable[Problem]:
        for other, record in peers.having(self.TYPE, "name", self.name):
            if not isinstance(record, Record) or record.zone != self.zone:
                continue
            if self.type == "CNAME" and record.type != "CNAME":
                yield Problem("TW0431", f"a CNAME cannot stand beside {other}, of the same name", "type")


def _id(zone: str, name: str, type_: str, set_identifier: str | None) -> str:
    return "/".join([zone, name, type_, *([set_identifier] if set_identifier is not None else [])])


def _observed(zone: str, apex: str, item: Mapping[str, Any]) -> Observed:
    name, type_ = bare(item["Name"]), item["Type"]
    target = item.get("AliasTarget")
    alias = target and {
        "dns_name": bare(target["DNSName"]).lower(),
        "zone_id": target["HostedZoneId"],
        "evaluate_health": target["EvaluateTargetHealth"],
    }
    values = [record["Value"] for record in item.get("ResourceRecords") or ()]
    fields = {
        "zone": zone,
        "name": name,
        "type": type_,
        "ttl": item.get("TTL"),
        "records": [_value(type_, value) for value in values] or None,
        "alias": alias,
        "set_identifier": item.get("SetIdentifier"),
        "health_check": item.get("HealthCheckId"),
        **{field: item.get(key) for field, key in ROUTING.items()},
    }
    id_ = _id(zone, name, type_, item.get("SetIdentifier"))
    made_with_zone = name == apex and type_ in ("NS", "SOA")
    return Observed(id_, fields, {"id": id_}, member_of=(HostedZone.TYPE, zone), builtin=made_with_zone)


def _value(type_: str, value: str) -> str:
    return value.rstrip(".") if type_ in DOTTED and not unknown(value) else value


def _change(action: str, zone: str, fields: Mapping[str, Any]) -> Call:
    alias = fields["alias"]
    record = {
        "Name": fields["name"],
        "Type": fields["type"],
        "TTL": fields["ttl"],
        "ResourceRecords": [{"Value": value} for value in fields["records"]] if fields["records"] else None,
        "AliasTarget": alias
        and {
            "HostedZoneId": alias["zone_id"],
            "DNSName": alias["dns_name"],
            "EvaluateTargetHealth": alias["evaluate_health"],
        },
        "SetIdentifier": fields["set_identifier"],
        "HealthCheckId": fields["health_check"],
        **{key: fields[field] for field, key in ROUTING.items()},
    }
    change = {"Action": action, "ResourceRecordSet": {k: v for k, v in record.items() if v is not None}}
    return aws("route53", "ChangeResourceRecordSets", {"HostedZoneId": zone, "ChangeBatch": {"Changes": [change]}})
