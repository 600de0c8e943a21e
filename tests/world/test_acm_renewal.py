"""ACM: issued by the public record, renewed while used and validated, warned of, ended."""

from datetime import timedelta

import pytest
from mounted import NOW, Clients

from twin.world.world import World

DAY = 86400


def request(acm):
    """Request a certificate; return its ARN and its validation record."""
    arn = acm.request_certificate(DomainName="shop.example", ValidationMethod="DNS")["CertificateArn"]
    (option,) = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    return arn, option["ResourceRecord"]


def publish(route53, record, action="CREATE"):
    """Put the record into the zone of the shop, or take it away."""
    zones = route53.list_hosted_zones()["HostedZones"]
    zone = zones[0]["Id"] if zones else None
    zone = zone or route53.create_hosted_zone(Name="shop.example", CallerReference="z")["HostedZone"]["Id"]
    told = {"Name": record["Name"], "Type": record["Type"], "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    change = {"Action": action, "ResourceRecordSet": told}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def listen(clients, arn):
    """Use a certificate in a listener."""
    ec2, elbv2 = clients("ec2"), clients("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")["Subnet"]["SubnetId"]
        for n, z in enumerate("ab")
    ]
    balancer = elbv2.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    elbv2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[answer],
    )
    return balancer


def events(world, kind):
    """Return when events of a kind were told, in days since the start."""
    return [
        (happening.time - NOW) / timedelta(days=1)
        for happening in world.scene.happenings
        if happening.kind == "aws.event" and happening.facts["detail_type"] == kind
    ]


def described(acm, arn):
    """Return the certificate as ACM tells it."""
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]


@pytest.fixture
def real(clock):
    """Clients of a world that provisions in real time."""
    made = World(7, clock, provisioning="real")
    yield Clients(made)
    made.close()


def test_certificate_is_issued_once_its_record_is_public(real, clock):
    """Waiting alone issues nothing; with the record it takes up to half an hour."""
    acm = real("acm")
    arn, record = request(acm)
    clock.advance(DAY)
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"
    publish(real("route53"), record)
    clock.advance(1801)
    assert described(acm, arn)["Status"] == "ISSUED"


def test_certificate_without_record_is_given_up_after_three_days(real, clock):
    """Seventy-two hours, then it must be requested anew."""
    acm = real("acm")
    arn, _ = request(acm)
    clock.advance(3 * DAY + 1)
    assert described(acm, arn)["Status"] == "VALIDATION_TIMED_OUT"


def test_instant_world_issues_without_a_record(clients, clock):
    """Who builds does not wait for DNS."""
    arn, _ = request(clients("acm"))
    clock.advance(61)
    assert described(clients("acm"), arn)["Status"] == "ISSUED"


def test_certificate_that_is_used_and_validates_is_renewed(clients, clock, world):
    """Sixty days before its end it is exchanged under the same ARN, and nobody is warned."""
    acm = clients("acm")
    arn, record = request(acm)
    publish(clients("route53"), record)
    clock.advance(61)
    balancer = listen(clients, arn)
    ends = described(acm, arn)["NotAfter"]
    clock.advance(305 * DAY + 61)
    told = described(acm, arn)
    assert told["NotAfter"] > ends + timedelta(days=300)
    assert told["RenewalSummary"]["RenewalStatus"] == "SUCCESS"
    assert told["InUseBy"] == [balancer]
    assert events(world, "ACM Certificate Approaching Expiration") == []
    assert len(world.agenda.entries()) == 1


def test_certificate_whose_record_is_gone_waits_and_ends(clients, clock, world):
    """The renewal waits for the record; from 45 days before the end a warning a day, then the end."""
    acm, route53 = clients("acm"), clients("route53")
    arn, record = request(acm)
    publish(route53, record)
    clock.advance(61)
    listen(clients, arn)
    publish(route53, record, "DELETE")
    clock.advance(310 * DAY)
    assert described(acm, arn)["RenewalSummary"]["RenewalStatus"] == "PENDING_VALIDATION"
    clock.advance(60 * DAY)
    assert described(acm, arn)["Status"] == "EXPIRED"
    warned = events(world, "ACM Certificate Approaching Expiration")
    assert len(warned) == 45
    assert round(warned[0]) == 320
    assert len(events(world, "ACM Certificate Expired")) == 1
    assert world.agenda.entries() == []


def test_certificate_that_nobody_uses_is_not_renewed(clients, clock, world):
    """Its record is there, yet it ends."""
    acm = clients("acm")
    arn, record = request(acm)
    publish(clients("route53"), record)
    clock.advance(366 * DAY)
    assert described(acm, arn)["Status"] == "EXPIRED"


def test_record_that_comes_back_in_time_renews(clients, clock, world):
    """The next daily look finds it."""
    acm, route53 = clients("acm"), clients("route53")
    arn, record = request(acm)
    clock.advance(61)
    listen(clients, arn)
    clock.advance(330 * DAY)
    publish(route53, record)
    clock.advance(DAY)
    assert described(acm, arn)["RenewalSummary"]["RenewalStatus"] == "SUCCESS"


def test_a_record_behind_the_proxy_validates_nothing(real, clock, monkeypatch):
    """Cloudflare answers for a proxied name with its own addresses; the same record unproxied is public."""
    acm = real("acm")
    arn, record = request(acm)
    row = {"type": "CNAME", "content": record["Value"].rstrip("."), "proxied": True}
    monkeypatch.setattr(real.world.scene, "elsewhere", lambda name: [row])
    clock.advance(3600)
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"
    row["proxied"] = False
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"  # it is looked at, and issued within half an hour
    clock.advance(1801)
    assert described(acm, arn)["Status"] == "ISSUED"
