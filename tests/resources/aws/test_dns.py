"""Hosted zones, health checks and records keep the resource contract on a real store."""

import pytest

from twin.address import Address
from twin.resources.aws.health_check import HealthCheck
from twin.resources.aws.record import Alias, Record
from twin.resources.aws.route53 import HostedZone
from twin.resources.aws.vpc import Vpc
from twin.resources.call import Refused
from twin.resources.resource import Wanted

ZONE = "${aws.route53.zone.main.id}"


@pytest.fixture
def zone(bench):
    """A public zone."""
    bench.create("main", HostedZone(name="example.com"))
    return bench


def test_public_zone_lives_and_dies(bench):
    """A public zone tells its name servers, and changes its comment and tags."""
    bench.lifecycle(
        "main",
        HostedZone(name="example.com", comment="the web", tags={"a": "b", "c": "d"}),
        HostedZone(name="example.com", tags={"c": "e"}),
    )
    assert all("awsdns" in server for server in bench.outputs[Address(HostedZone.TYPE, "main")]["name_servers"])


def test_private_zone_lives_and_dies(bench):
    """A private zone answers in its VPCs, which come and go."""
    bench.create("one", Vpc(cidr_block="10.0.0.0/16"))
    bench.create("two", Vpc(cidr_block="10.1.0.0/16"))
    one, two = "${aws.ec2.vpc.one.id}", "${aws.ec2.vpc.two.id}"
    common = {"name": "corp.internal", "private": True}
    bench.lifecycle(
        "corp",
        HostedZone(**common, vpcs=[one]),
        HostedZone(**common, vpcs=[one, two]),
        HostedZone(**common, vpcs=[two]),
    )


def test_zone_takes_one_call_and_is_ours_at_once(bench):
    """The owner is written by the creating call, so that no zone can be left without one."""
    bench.sent.clear()
    address = bench.create("main", HostedZone(name="example.com"))
    assert bench.sent == ["route53:CreateHostedZone"]
    assert bench.observe(address, HostedZone(name="example.com")).owner == address


def test_health_check_lives_and_dies(bench):
    """A health check changes its endpoint and its tags."""
    bench.lifecycle(
        "web",
        HealthCheck(domain="example.com", path="/up", tags={"a": "b", "c": "d"}),
        HealthCheck(domain="example.org", path="/ok", failures=2, port=8443, tags={"c": "d"}),
    )


def test_health_check_takes_one_call_and_is_ours_at_once(bench):
    """The owner is written by the creating call; a check of somebody else's is not ours."""
    bench.sent.clear()
    address = bench.create("web", HealthCheck(domain="example.com"))
    assert bench.sent == ["route53:CreateHealthCheck"]
    assert bench.observe(address, HealthCheck(domain="example.com")).owner == address
    bench.aws.client("route53").create_health_check(
        CallerReference="other/test/web#00000000",
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "example.com"},
    )
    owners = [item.owner for item in bench.run(HealthCheck.read(bench.scope, Wanted()))]
    assert sorted(map(str, owners)) == ["None", str(address)]


@pytest.mark.parametrize(
    ("type_", "first", "second"),
    [
        ("A", ["192.0.2.1", "192.0.2.2"], ["192.0.2.3"]),
        ("CNAME", ["a.example.net."], ["b.example.net"]),
        ("TXT", ['"one" "two"'], ['"v=spf1 -all"']),
        ("MX", ["10 mail.example.com"], ["5 m.example.com"]),
    ],
)
def test_record_lives_and_dies(zone, type_, first, second):
    """A record of each kind is made, written anew and deleted."""
    common = {"zone": ZONE, "name": "www.example.com", "type": type_}
    zone.lifecycle("www", Record(**common, ttl=60, records=first), Record(**common, ttl=300, records=second))


def test_alias_lives_and_dies(zone):
    """An alias at the apex leads to a load balancer, whatever the letters of its name."""
    target = {"dns_name": "Web-1.us-east-1.elb.amazonaws.com.", "zone_id": "Z35SXDOTRQ7X7K"}
    zone.lifecycle(
        "apex",
        Record(zone=ZONE, name="Example.com.", type="A", alias=Alias(**target)),
        Record(zone=ZONE, name="example.com", type="A", alias=Alias(**target, evaluate_health=False)),
    )


def test_failover_records_are_told_apart(zone):
    """Two records of one name and type live side by side by their set identifiers."""
    zone.create("web", HealthCheck(domain="example.com"))
    common = {"zone": ZONE, "name": "www.example.com", "type": "A", "ttl": 60}
    second = Record(**common, records=["192.0.2.2"], set_identifier="b", failover="SECONDARY")
    zone.create("b", second)
    first = {
        **common,
        "set_identifier": "a",
        "failover": "PRIMARY",
        "health_check": "${aws.route53.health_check.web.id}",
    }
    zone.lifecycle("a", Record(**first, records=["192.0.2.1"]), Record(**first, records=["192.0.2.9"]))
    assert zone.differences(Address(Record.TYPE, "b"), second) == {}


def test_existing_record_is_not_overwritten(zone):
    """Creating a record that is there already is refused, where an upsert would take it over."""
    record = Record(zone=ZONE, name="www.example.com", type="A", ttl=60, records=["192.0.2.1"])
    zone.create("one", record)
    with pytest.raises(Refused, match="InvalidChangeBatch"):
        zone.create("two", record)


def test_rogue_record_belongs_to_the_zone(zone):
    """A record made by hand is shown as a member of our zone; NS and SOA are the vendor's own."""
    id_ = zone.outputs[Address(HostedZone.TYPE, "main")]["id"]
    record = {"Name": "rogue.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.66"}]}
    zone.aws.client("route53").change_resource_record_sets(
        HostedZoneId=id_, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    found = {item.fields["type"]: item for item in zone.run(Record.read(zone.scope, Wanted()))}
    assert {type_: item.builtin for type_, item in found.items()} == {"NS": True, "SOA": True, "A": False}
    assert found["A"].member_of == ("aws.route53.zone", id_)


def test_records_of_foreign_zones_are_not_read(zone):
    """A zone that is neither ours nor wanted costs no call."""
    zone.aws.client("route53").create_hosted_zone(Name="example.org", CallerReference="x")
    zone.sent.clear()
    zone.run(Record.read(zone.scope, Wanted()))
    assert zone.sent == ["route53:ListHostedZones", "route53:ListResourceRecordSets"]
