"""What AWS refuses of load balancers, scaling, certificates and DNS is a problem before anything is sent."""

import pytest
from network_world import (
    ALIAS,
    ALIEN,
    CERTIFICATE,
    NETWORK_BALANCER,
    OTHER,
    SCOPE,
    TARGETS,
    TINY,
    VPC,
    ZONE,
    A,
    B,
    balancer,
    health,
    listener,
    problems,
    record,
    scaling,
    secure,
    targets,
    template,
)

from twin.address import Address
from twin.engine.check import STAND_IN
from twin.resources.aws.acm import Certificate
from twin.resources.aws.api import check
from twin.resources.aws.health_check import HealthCheck
from twin.resources.aws.launch_template import Volume
from twin.resources.aws.listener import FixedResponse, Redirect
from twin.resources.aws.record import Record
from twin.resources.aws.route53 import HostedZone
from twin.resources.aws.subnet import Subnet
from twin.resources.resource import drain

GOOD = {
    "balancer": balancer(idle_timeout=4000),
    "network-balancer": balancer(kind="network", subnets=[A], security_groups=[]),
    "targets": targets(health_path="/", health_codes="200,300-399", health_timeout=29),
    "targets-of-tcp-checked-by-http": targets(protocol="TCP", health_protocol="HTTP", health_codes="200-599"),
    "listener": listener(),
    "secure-listener": secure(tls_policy="ELBSecurityPolicy-TLS13-1-2-2021-06"),
    "redirect": listener(target_group=None, redirect=Redirect()),
    "template": template(volume=Volume(), user_data="x" * 16384),
    "scaling": scaling(desired=3, target_groups=[TARGETS], health_check="ELB"),
    "certificate": Certificate(domain="a.example.com", names=["*.a.example.com"]),
    "private-zone": HostedZone(name="corp.internal", private=True, vpcs=[VPC]),
    "record": record(),
    "wildcard": record(name="*.example.com", type="CNAME", records=["a.example.net."]),
    "alias": Record(zone=ZONE, name="example.com", type="A", alias=ALIAS),
    "validation": record(
        name="${aws.acm.certificate.web.validation_name}",
        type="CNAME",
        records=["${aws.acm.certificate.web.validation_value}"],
    ),
    "weighted": record(set_identifier="a", weight=0),
    "six": record(type="AAAA", records=["2001:db8::1"]),
    "mail": record(type="MX", records=["10 mail.example.com"]),
    "service": record(type="SRV", records=["1 10 5269 xmpp.example.com."]),
    "text": record(type="TXT", records=['"v=spf1 -all"', '"one" "two"']),
    "authority": record(type="CAA", records=['0 issue "amazon.com"']),
    "health": health(path="/up"),
    "health-search": health(kind="HTTPS_STR_MATCH", search="ok"),
    "health-address": HealthCheck(kind="TCP", ip="203.0.113.7", port=25),
}


@pytest.mark.parametrize("resource", GOOD.values(), ids=GOOD.keys())
def test_good_resource_has_no_problem(resource):
    """What AWS takes gets no complaint, and botocore's model takes every call that creates it."""
    assert problems(resource) == []
    calls, _ = drain(resource.create(SCOPE, Address(resource.TYPE, "zz")), STAND_IN)
    assert calls
    assert [line for call in calls for line in check(call)] == []


BAD = [
    (balancer(subnets=[A]), "TW0420", "subnets"),
    (balancer(subnets=[A, A]), "TW0420", "subnets"),
    (balancer(subnets=[A, B, TINY]), "TW0420", "subnets"),
    (balancer(subnets=[A, ALIEN]), "TW0437", "subnets"),
    (balancer(idle_timeout=5000), "TW0421", "idle_timeout"),
    (balancer(kind="network", idle_timeout=60), "TW0421", "idle_timeout"),
    (balancer(name="-app"), "TW0422", "name"),
    (balancer(name="a" * 33), "TW0422", "name"),
    (balancer(name="internal-app"), "TW0422", "name"),
    (targets(name="my_app"), "TW0422", "name"),
    (targets(port=0), "TW0407", "port"),
    (targets(health_interval=301), "TW0424", "health_interval"),
    (targets(health_timeout=30), "TW0424", "health_timeout"),
    (targets(healthy_threshold=1), "TW0424", "healthy_threshold"),
    (targets(unhealthy_threshold=11), "TW0424", "unhealthy_threshold"),
    (targets(health_path="up"), "TW0424", "health_path"),
    (targets(health_codes="ok"), "TW0424", "health_codes"),
    (targets(health_codes="200-600"), "TW0424", "health_codes"),
    (targets(health_codes="200-500"), "TW0424", "health_codes"),
    (targets(protocol="TCP", health_protocol="HTTP", health_codes="200-600"), "TW0424", "health_codes"),
    (targets(health_port="http"), "TW0424", "health_port"),
    (targets(protocol="TCP", health_path="/"), "TW0424", "health_path"),
    (targets(health_protocol="TCP"), "TW0424", "health_protocol"),
    (targets(deregistration_delay=3601), "TW0424", "deregistration_delay"),
    (listener(port=0), "TW0407", "port"),
    (secure(certificate=None), "TW0423", "certificate"),
    (listener(certificate=CERTIFICATE), "TW0423", "certificate"),
    (secure(certificate=TARGETS), "TW0423", "certificate"),
    (secure(tls_policy="ELBSecurityPolicy-TLS13-1-4"), "TW0423", "tls_policy"),
    (listener(target_group=None), "TW0425", None),
    (listener(fixed_response=FixedResponse()), "TW0425", None),
    (listener(load_balancer=NETWORK_BALANCER), "TW0425", "protocol"),
    (listener(target_group="${aws.elbv2.target_group.tcp.arn}"), "TW0425", "target_group"),
    (listener(protocol="TCP", load_balancer=NETWORK_BALANCER, target_group=None, redirect=Redirect()),
     "TW0425", "redirect"),
    (template(instance_type="t3.enormous"), "TW0426", "instance_type"),
    (template(name="my app"), "TW0427", "name"),
    (template(image="ubuntu"), "TW0427", "image"),
    (template(user_data="x" * 16385), "TW0427", "user_data"),
    (template(volume=Volume(type="gp4")), "TW0427", "volume"),
    (template(volume=Volume(type="st1", size=100)), "TW0427", "volume"),
    (template(security_groups=[f"sg-{n}" for n in range(6)]), "TW0406", "security_groups"),
    (scaling(min=4), "TW0428", "min"),
    (scaling(desired=4), "TW0428", "desired"),
    (scaling(subnets=[]), "TW0428", "subnets"),
    (scaling(grace_period=-1), "TW0428", "grace_period"),
    (scaling(health_check="ELB"), "TW0428", "health_check"),
    (scaling(subnets=[A, ALIEN]), "TW0437", "subnets"),
    (Certificate(domain="example"), "TW0429", "domain"),
    (Certificate(domain="example.com", names=["exa mple.com"]), "TW0429", "names"),
    (Certificate(domain="example.com", names=["example.org"]), "TW0429", "names"),
    (Certificate(domain=f"{'a' * 63}.example.com"), "TW0429", "domain"),
    (HostedZone(name="exa mple.com"), "TW0430", "name"),
    (HostedZone(name="corp.internal", private=True), "TW0430", "vpcs"),
    (HostedZone(name="example.org", vpcs=[VPC]), "TW0430", "vpcs"),
    (HostedZone(name="corp.internal", private=True, vpcs=[OTHER]), "TW0410", "vpcs"),
    (HostedZone(name="example.org", comment="x" * 256), "TW0430", "comment"),
    (record(name="example.com", type="CNAME", records=["a.example.net"]), "TW0431", "type"),
    (record(records=["192.0.2.256"]), "TW0432", "records"),
    (record(records=["www.example.net"]), "TW0432", "records"),
    (record(type="AAAA"), "TW0432", "records"),
    (record(type="CNAME", records=["a b"]), "TW0432", "records"),
    (record(type="CNAME", records=["a.example.net", "b.example.net"]), "TW0432", "records"),
    (record(type="MX", records=["mail.example.com"]), "TW0432", "records"),
    (record(type="SRV", records=["1 70000 5269 x.example.com"]), "TW0432", "records"),
    (record(type="TXT", records=["v=spf1 -all"]), "TW0432", "records"),
    (record(type="TXT", records=[f'"{"x" * 256}"']), "TW0432", "records"),
    (record(type="CAA", records=["amazon.com"]), "TW0432", "records"),
    (record(records=["192.0.2.1", "192.0.2.1"]), "TW0432", "records"),
    (record(ttl=None), "TW0433", "ttl"),
    (record(ttl=-1), "TW0433", "ttl"),
    (Record(zone=ZONE, name="example.com", type="A", alias=ALIAS, ttl=60), "TW0433", "ttl"),
    (record(name="www.example.org"), "TW0434", "name"),
    (record(name="ww w.example.com"), "TW0434", "name"),
    (record(records=None, ttl=None), "TW0435", "records"),
    (record(alias=ALIAS), "TW0435", "records"),
    (record(weight=1), "TW0435", "set_identifier"),
    (record(set_identifier="a"), "TW0435", "set_identifier"),
    (record(set_identifier="a", weight=256), "TW0435", "weight"),
    (record(set_identifier="a", weight=1, failover="PRIMARY"), "TW0435", "failover"),
    (HealthCheck(), "TW0436", "domain"),
    (health(domain="exa mple"), "TW0436", "domain"),
    (HealthCheck(ip="1.2.3"), "TW0436", "ip"),
    (HealthCheck(ip="10.0.0.1"), "TW0436", "ip"),
    (health(port=70000), "TW0407", "port"),
    (health(interval=20), "TW0436", "interval"),
    (health(failures=0), "TW0436", "failures"),
    (health(search="x"), "TW0436", "search"),
    (health(kind="HTTP_STR_MATCH"), "TW0436", "search"),
    (health(kind="HTTP_STR_MATCH", search="x" * 256), "TW0436", "search"),
    (health(kind="TCP", path="/"), "TW0436", "path"),
    (health(path="up"), "TW0436", "path"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("resource", "code", "field"), BAD, ids=[f"{number}-{code}-{field}" for number, (_, code, field) in enumerate(BAD)]
)
def test_bad_resource_has_its_problem(resource, code, field):
    """What AWS refuses is found, under its code and on the field that is to blame."""
    assert {(problem.code, problem.field) for problem in problems(resource)} == {(code, field)}


def test_cname_stands_alone():
    """A CNAME beside a record of the same name is a problem, beside one of another name it is none."""
    alone = record(type="CNAME", records=["a.example.net"])
    assert [p.code for p in problems(alone, ("txt", record(type="TXT", records=['"x"'])))] == ["TW0431"]
    assert problems(alone, ("txt", record(name="w.example.com", type="TXT", records=['"x"']))) == []


def test_internet_facing_balancer_needs_a_gateway():
    """Without an internet gateway a load balancer must be internal."""
    other = Subnet(vpc=OTHER, cidr_block="10.1.1.0/24", availability_zone="us-east-1a")
    places = {"subnets": [ALIEN, "${aws.ec2.subnet.alien2.id}"], "security_groups": []}
    found = problems(balancer(**places), ("alien2", other))
    assert [(p.code, p.field) for p in found] == [("TW0420", "internal")]
    assert problems(balancer(**places, internal=True), ("alien2", other)) == []
