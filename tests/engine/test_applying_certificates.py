"""A certificate, the record that proves it, and the listener that uses it: made in the order that AWS takes."""

from dataclasses import replace

import pytest
from rig import desired

from twin.engine.choice import Choice
from twin.engine.planner import plan
from twin.resources.aws.acm import Certificate
from twin.resources.aws.listener import FixedResponse, Listener
from twin.resources.aws.load_balancer import LoadBalancer
from twin.resources.aws.record import Record
from twin.resources.aws.route53 import HostedZone
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway, Vpc

LISTENER, PROOF = "aws.elbv2.listener.site", "aws.route53.record.site"


@pytest.fixture
def site():
    """An internal load balancer that ends TLS for a domain of Route 53's."""
    vpc, zone = "${aws.ec2.vpc.net.id}", "${aws.route53.zone.site.id}"
    made = desired(
        net=Vpc(cidr_block="10.0.0.0/16"),
        **{
            x: Subnet(vpc=vpc, cidr_block=f"10.0.{n}.0/24", availability_zone=f"us-east-1{x}")
            for n, x in enumerate("ab")
        },
    )
    subnets = ["${aws.ec2.subnet.a.id}", "${aws.ec2.subnet.b.id}"]
    proof = {"name": "validation_name", "records": "validation_value"}
    name, value = (f"${{aws.acm.certificate.site.{proof[field]}}}" for field in ("name", "records"))
    for resource in (
        LoadBalancer(name="site", internal=True, subnets=subnets),
        HostedZone(name="shop.example"),
        Certificate(domain="shop.example"),
        Record(zone=zone, type="CNAME", name=name, ttl=300, records=[value]),
        Listener(
            load_balancer="${aws.elbv2.load_balancer.site.arn}",
            port=443,
            protocol="HTTPS",
            certificate="${aws.acm.certificate.site.arn}",
            fixed_response=FixedResponse(),
        ),
    ):
        made.add("site", resource, ())
    return made


def sent(systems, *operations):
    """Return which of some operations were sent to AWS, in their order, repetitions once."""
    found = [call.operation for call in systems["aws"].sent if call.operation in operations]
    return [one for one, before in zip(found, [None, *found], strict=False) if one != before]


def test_a_listener_waits_for_the_record_that_proves_its_certificate(rig, site):
    """Nothing in the listener names the record; without it AWS would refuse the listener. It goes first, too."""
    systems = rig.faulty(lambda call: None)
    rig.build(site)
    order = ("RequestCertificate", "ChangeResourceRecordSets", "CreateListener")
    assert sent(systems, *order) == list(order)
    assert rig.destroy(site).good
    order = ("DeleteListener", "ChangeResourceRecordSets", "DeleteCertificate")
    assert sent(systems, *order)[-3:] == list(order)


def test_a_listener_is_made_once_acm_has_issued(rig, site):
    """Where creation takes time the applier looks again and again, and makes the listener at the first good look."""
    rig.world.scene.provisioning, rig.target = "real", replace(rig.target, waits=True)
    systems, began = rig.faulty(lambda call: None), rig.clock.now()
    rig.slept = type("Sleep", (), {"append": lambda _, seconds: rig.clock.advance(seconds)})()
    rig.build(site)
    assert 60 <= (rig.clock.now() - began).total_seconds() <= 1815
    looks = sent(systems, "ChangeResourceRecordSets", "DescribeCertificate", "CreateListener")
    assert looks[looks.index("ChangeResourceRecordSets") :][:3] == [
        "ChangeResourceRecordSets", "DescribeCertificate", "CreateListener",
    ]  # fmt: skip


def test_a_load_balancer_waits_for_the_way_to_the_internet(rig):
    """No field of it names the internet gateway; all else of it may be there long before."""
    vpc = "${aws.ec2.vpc.net.id}"
    wanted = desired(
        net=Vpc(cidr_block="10.0.0.0/16"),
        **{
            x: Subnet(vpc=vpc, cidr_block=f"10.0.{n}.0/24", availability_zone=f"us-east-1{x}")
            for n, x in enumerate("ab")
        },
        out=InternetGateway(vpc=vpc),
        site=LoadBalancer(name="site", subnets=["${aws.ec2.subnet.a.id}", "${aws.ec2.subnet.b.id}"]),
    )
    changes = {change.key: change for change in rig.plan(wanted).plan.pending}
    assert "aws.ec2.internet_gateway.out" in changes["aws.elbv2.load_balancer.site"].after
    rig.build(wanted)
    removals = {change.key: change for change in rig.plan_destroy(wanted).plan.pending}
    assert "aws.elbv2.load_balancer.site" in removals["aws.ec2.internet_gateway.out"].after


def test_a_chosen_listener_brings_the_proof_of_its_certificate(rig, site):
    """A plan about the listener alone would be refused otherwise; without the proof there is no listener."""
    request = rig._request(site, rig.store.load())
    only = plan(replace(request, choice=Choice(only=(LISTENER,)))).plan
    assert {LISTENER, PROOF, "aws.acm.certificate.site"} <= {change.key for change in only.pending}
    less = plan(replace(request, choice=Choice(without=(PROOF,)))).plan
    assert LISTENER not in {change.key for change in less.pending}
