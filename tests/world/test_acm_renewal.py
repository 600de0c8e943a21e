"""ACM: issued by the public record, renewed while used and validated, warned of, ended."""

from datetime import timedelta

import pytest
from edge_site import Site
from mounted import NOW, Clients
from refused import refusal

from twin.world.world import World

DAY = 86400


def request(acm, domain="shop.example"):
    """Request a certificate; return its ARN and its validation record."""
    arn = acm.request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
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


def load_balancer(clients):
    """Make an internal load balancer in two zones."""
    ec2, elbv2 = clients("ec2"), clients("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")["Subnet"]["SubnetId"]
        for n, z in enumerate("ab")
    ]
    made = elbv2.create_load_balancer(Name="web", Subnets=subnets, Scheme="internal")
    return made["LoadBalancers"][0]["LoadBalancerArn"]


def listen(clients, arn, balancer=None):
    """Use a certificate in a listener."""
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    made = clients("elbv2").create_listener(
        LoadBalancerArn=balancer or load_balancer(clients),
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[answer],
    )
    return made["Listeners"][0]["ListenerArn"]


def distribute(cloudfront, arn):
    """Use a certificate in a distribution."""
    origin = {"Id": "o", "DomainName": "o.example", "CustomOriginConfig": {
        "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}  # fmt: skip
    config = {
        "CallerReference": arn,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        "ViewerCertificate": {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"},
    }
    return cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]


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


def test_instant_world_issues_by_the_record_and_by_nothing_else(clients, clock, world):
    """At once when it is published, also to a second certificate; without it, time gives it up as everywhere."""
    acm = clients("acm")
    (arn, record), (lost, _) = request(acm), request(acm, "lost.example")
    waiting = described(acm, arn)
    assert (waiting["Status"], {"NotAfter", "IssuedAt", "Serial"} & waiting.keys()) == ("PENDING_VALIDATION", set())
    assert refusal(acm.get_certificate, CertificateArn=arn) == ("RequestInProgressException", 400)
    clock.advance(3600)
    publish(clients("route53"), record)
    assert (described(acm, arn)["Status"], described(acm, arn)["IssuedAt"]) == ("ISSUED", world.clock.now())
    assert described(acm, request(acm)[0])["Status"] == "ISSUED"
    assert described(acm, lost)["Status"] == "PENDING_VALIDATION"
    clock.advance(3 * DAY)
    told = described(acm, lost)
    assert (told["Status"], told["DomainValidationOptions"][0]["ValidationStatus"]) == (
        "VALIDATION_TIMED_OUT",
        "FAILED",
    )


def test_certificate_that_is_validated_by_mail_waits_for_a_mail(clients):
    """The record of the domain is public, yet nobody follows the link."""
    acm = clients("acm")
    publish(clients("route53"), request(acm)[1])
    arn = acm.request_certificate(DomainName="shop.example", ValidationMethod="EMAIL")["CertificateArn"]
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"


def test_certificate_that_is_not_issued_serves_nowhere(clients):
    """Neither a listener nor a distribution takes it, nor one that is not there; issued, it serves and stays."""
    acm, elbv2, cloudfront = clients("acm"), clients("elbv2"), clients("cloudfront")
    arn, record = request(acm)
    gone, other = f"{arn[:-1]}_", arn.replace("us-east-1", "us-east-2")
    balancer = load_balancer(clients)
    assert refusal(listen, clients, arn, balancer) == ("UnsupportedCertificate", 400)
    assert refusal(listen, clients, gone, balancer) == ("CertificateNotFound", 400)
    assert refusal(listen, clients, other, balancer) == ("CertificateNotFound", 400)
    for bad in (arn, other):
        assert refusal(distribute, cloudfront, bad) == ("InvalidViewerCertificate", 400)
    publish(clients("route53"), record)
    listener = listen(clients, arn, balancer)
    distribute(cloudfront, arn)
    late, _ = request(acm, "late.example")
    named = {"ListenerArn": listener, "Certificates": [{"CertificateArn": late}]}
    assert refusal(elbv2.add_listener_certificates, **named) == ("UnsupportedCertificate", 400)
    assert refusal(elbv2.modify_listener, **named) == ("UnsupportedCertificate", 400)
    assert refusal(acm.delete_certificate, CertificateArn=arn) == ("ResourceInUseException", 400)
    acm.delete_certificate(CertificateArn=late)


def test_certificate_that_is_used_and_validates_is_renewed(clients, clock, world):
    """Sixty days before its end it is exchanged under the same ARN, and nobody is warned."""
    acm = clients("acm")
    arn, record = request(acm)
    publish(clients("route53"), record)
    clock.advance(61)
    balancer = listen(clients, arn).replace(":listener/", ":loadbalancer/").rpartition("/")[0]
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
    publish(route53, record)
    listen(clients, arn)
    publish(route53, record, "DELETE")
    clock.advance(330 * DAY)
    publish(route53, record)
    clock.advance(DAY)
    assert described(acm, arn)["RenewalSummary"]["RenewalStatus"] == "SUCCESS"


def test_a_record_behind_the_proxy_validates_nothing(real, clock):
    """Cloudflare answers for a proxied name with its own addresses; the same record unproxied is public."""
    acm, site = real("acm"), Site(real.world, "shop.example")
    arn, record = request(acm)
    row = site.record(record["Name"].rstrip("."), record["Value"].rstrip("."), type="CNAME")
    clock.advance(3600)
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"
    site.api("PATCH", f"{site.zone}/dns_records/{row['id']}", {"proxied": False})
    assert described(acm, arn)["Status"] == "PENDING_VALIDATION"  # it is found, and issued within half an hour
    clock.advance(1801)
    assert described(acm, arn)["Status"] == "ISSUED"
