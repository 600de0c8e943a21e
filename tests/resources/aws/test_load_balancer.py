"""Load balancers, target groups, listeners and certificates keep the resource contract on a real store."""

import pytest

from twin.address import Address
from twin.resources.aws.acm import Certificate
from twin.resources.aws.listener import FixedResponse, Listener, Redirect
from twin.resources.aws.load_balancer import AccessLogs, LoadBalancer
from twin.resources.aws.security_group import SecurityGroup
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.target_group import TargetGroup
from twin.resources.aws.vpc import Vpc
from twin.resources.resource import Wanted

VPC = "${aws.ec2.vpc.main.id}"
A, B, C = (f"${{aws.ec2.subnet.{name}.id}}" for name in "abc")
WEB = "${aws.ec2.security_group.web.id}"
BALANCER = "${aws.elbv2.load_balancer.web.arn}"
GROUP = "${aws.elbv2.target_group.web.arn}"
TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"


@pytest.fixture
def net(bench):
    """A VPC with three subnets and a security group."""
    bench.create("main", Vpc(cidr_block="10.0.0.0/16"))
    for part, name in enumerate("abc"):
        zone = f"us-east-1{name}"
        bench.create(name, Subnet(vpc=VPC, cidr_block=f"10.0.{part}.0/24", availability_zone=zone))
    bench.create("web", SecurityGroup(vpc=VPC, name="web", description="web"))
    return bench


@pytest.fixture
def web(net):
    """A load balancer with a target group and a certificate."""
    net.create("web", LoadBalancer(name="web", internal=True, subnets=[A, B], security_groups=[WEB]))
    net.create("web", TargetGroup(name="web", vpc=VPC))
    net.create("web", Certificate(domain="example.com"))
    return net


def test_load_balancer_lives_and_dies(net):
    """A load balancer changes its subnets, groups, attributes and tags; protection does not stop its deletion."""
    net.aws.client("s3").create_bucket(Bucket="acme-lb")
    net.create("other", SecurityGroup(vpc=VPC, name="other", description="other"))
    common = {"name": "web", "internal": True}
    net.lifecycle(
        "web",
        LoadBalancer(**common, subnets=[A, B], security_groups=[WEB], tags={"x": "1", "y": "1"}),
        LoadBalancer(**common, subnets=[B, C], security_groups=["${aws.ec2.security_group.other.id}"], idle_timeout=30),
        LoadBalancer(
            **common,
            subnets=[B, C],
            security_groups=[WEB],
            deletion_protection=True,
            drop_invalid_headers=True,
            access_logs=AccessLogs(bucket="acme-lb", prefix="web"),
            tags={"x": "2"},
        ),
    )


def test_load_balancer_without_attributes_takes_one_call(net):
    """Attributes cost a call only when there are any, and then one for all."""
    net.sent.clear()
    net.create("web", LoadBalancer(name="web", internal=True, subnets=[A, B]))
    assert net.sent == ["elbv2:CreateLoadBalancer"]
    net.sent.clear()
    net.create("two", LoadBalancer(name="two", internal=True, subnets=[A, B], idle_timeout=9, deletion_protection=True))
    assert net.sent == ["elbv2:CreateLoadBalancer", "elbv2:ModifyLoadBalancerAttributes"]


def test_load_balancer_without_tags_is_found_by_name(net):
    """One that a tagging API does not tell about is still read whole when its name is wanted."""
    address = net.create("web", LoadBalancer(name="web", internal=True, subnets=[A, B]))
    net.aws.client("elbv2").remove_tags(ResourceArns=[net.outputs[address]["arn"]], TagKeys=["twin:owner"])
    plain = net.run(LoadBalancer.read(net.scope, Wanted()))[0]
    wanted = net.run(LoadBalancer.read(net.scope, Wanted(keys=frozenset({("web",)}))))[0]
    assert "deletion_protection" not in plain.fields
    assert wanted.fields["deletion_protection"] is False


def test_target_group_lives_and_dies(net):
    """A target group changes its health check, draining time and tags."""
    common = {"name": "web", "vpc": VPC, "target_type": "ip", "port": 8080}
    net.lifecycle(
        "web",
        TargetGroup(**common, health_path="/up", health_codes="200"),
        TargetGroup(**common, health_path="/ok", health_codes="200-299", health_interval=10, health_timeout=4),
        TargetGroup(**common, health_path="/ok", health_interval=10, deregistration_delay=20, tags={"x": "y"}),
    )


def test_listener_lives_and_dies(web):
    """A TLS listener forwards, then answers itself, then moves to another port as a redirect."""
    certificate = "${aws.acm.certificate.web.arn}"
    secure = {"load_balancer": BALANCER, "protocol": "HTTPS", "certificate": certificate, "tls_policy": TLS}
    web.lifecycle(
        "web",
        Listener(**secure, port=443, target_group=GROUP),
        Listener(**secure, port=443, fixed_response=FixedResponse(status="503", body="later"), tags={"x": "y"}),
        Listener(load_balancer=BALANCER, protocol="HTTP", port=80, redirect=Redirect()),
        Listener(load_balancer=BALANCER, protocol="HTTP", port=80, redirect=Redirect(port="8443", permanent=False)),
    )


def test_rogue_listener_belongs_to_the_load_balancer(web):
    """A listener made by hand is shown as a member of our load balancer, without an owner."""
    arn = web.outputs[Address("aws.elbv2.load_balancer", "web")]["arn"]
    web.aws.client("elbv2").create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTP",
        Port=8080,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    (found,) = web.run(Listener.read(web.scope, Wanted()))
    assert (found.owner, found.member_of) == (None, ("aws.elbv2.load_balancer", arn))
    assert found.fields["port"] == 8080


def test_certificate_lives_and_dies(bench):
    """A certificate is requested with its wildcard, tagged and deleted."""
    common = {"domain": "example.com", "names": ["*.example.com"]}
    bench.lifecycle("web", Certificate(**common, tags={"a": "b", "c": "d"}), Certificate(**common, tags={"c": "e"}))


def test_certificate_tells_its_validation_record(bench):
    """The record that proves the domain is known as soon as the certificate is requested, without last dots."""
    outputs = bench.outputs[bench.create("web", Certificate(domain="example.com"))]
    assert outputs["validation_name"].endswith(".example.com")
    assert outputs["validation_type"] == "CNAME"
    assert outputs["validation_value"].endswith(".acm-validations.aws")
    assert bench.run(Certificate.ready(bench.scope, outputs["id"])) is True
