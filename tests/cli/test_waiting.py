"""On a served twin on which things take their time, one apply waits for them, says so, and comes to its end."""

import os
import signal
import time
from pathlib import Path
from threading import Event

import pytest

from twin.clock import VirtualClock
from twin.engine.workspace import Served, Workspace
from twin.resources.scope import Scope
from twin.scenario.embedded import make_world
from twin.world.server import serve
from twin.world.world import EPOCH

SPEC = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme-test, region: us-east-1}
resources:
  aws.ec2.vpc: {net: {cidr_block: 10.0.0.0/16}}
  aws.ec2.subnet:
    a: {vpc: "${aws.ec2.vpc.net.id}", cidr_block: 10.0.0.0/24, availability_zone: us-east-1a}
    b: {vpc: "${aws.ec2.vpc.net.id}", cidr_block: 10.0.1.0/24, availability_zone: us-east-1b}
  aws.elbv2.load_balancer:
    site: {name: site, internal: true, subnets: ["${aws.ec2.subnet.a.id}", "${aws.ec2.subnet.b.id}"]}
  aws.route53.zone: {site: {name: shop.example}}
  aws.acm.certificate: {site: {domain: shop.example}}
  aws.route53.record:
    site:
      zone: "${aws.route53.zone.site.id}"
      type: CNAME
      name: "${aws.acm.certificate.site.validation_name}"
      ttl: 300
      records: ["${aws.acm.certificate.site.validation_value}"]
  aws.elbv2.listener:
    site:
      load_balancer: "${aws.elbv2.load_balancer.site.arn}"
      port: 443
      protocol: HTTPS
      certificate: "${aws.acm.certificate.site.arn}"
      fixed_response: {}
"""
PROOF = SPEC[SPEC.index("  aws.route53.record:") : SPEC.index("  aws.elbv2.listener:")]


@pytest.fixture
def slow(home, monkeypatch):
    """A twin that is served here, where creation takes its time; its clock goes on while the applier sleeps."""
    scope = Scope("acme", "base", "123456789012", region="us-east-1")
    clock = VirtualClock(EPOCH)
    world = make_world(scope, seed=1, clock=clock, provisioning="real")
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        clock.advance(seconds)
        world.settle()

    with serve(world.handle) as server:
        monkeypatch.setattr("twin.cli.applying.time", type("Time", (), {"sleep": sleep, "monotonic": time.monotonic}))
        told = {"seed": 1, "account": "123456789012", "region": "us-east-1", "provisioning": "real"}
        told["cloudflare_account"] = world.cloudflare.account_id
        served = Served(pid=os.getpid(), url=server.url, **told, **world.keys_told())
        Workspace.find(Path.cwd(), os.environ).save_served(served)
        yield slept
    world.close()


def test_one_apply_waits_until_acm_has_issued(slow, home, twin):
    """The listener is made at the first look at which AWS takes it; nothing is left for a second run."""
    (home / "spec.yaml").write_text(SPEC)
    status, _, err = twin("apply", "spec.yaml")
    assert (status, "waiting for aws.elbv2.listener.site to be ready, 0 s" in err) == (0, True), err
    assert 60 <= sum(slow) <= 1815 + 15
    assert twin("plan", "spec.yaml", "--exit-code")[0] == 0


def test_what_never_becomes_ready_is_not_waited_for_for_ever(slow, home, twin):
    """Nobody proves that the domain is ours: after an hour the listener fails, exit 3, and all else is there."""
    (home / "spec.yaml").write_text(SPEC.replace(PROOF, ""))
    status, _, err = twin("apply", "spec.yaml")
    told = "failed: aws.elbv2.listener.site: aws.elbv2.listener.site, or what it is made of, did not become ready in 35"
    assert (status, told in err, err.count("waiting for aws.elbv2") > 60) == (3, True, True), err
    assert "7 done, 1 failed" in err


def test_an_interrupt_ends_the_wait(slow, home, twin, monkeypatch):
    """It does not go on for an hour: the run stops as at any other call, and the next one goes on from there."""
    (home / "spec.yaml").write_text(SPEC.replace(PROOF, ""))

    heard = Event()

    def stop(said):
        if "waiting for aws.elbv2.listener" in said:
            os.kill(os.getpid(), signal.SIGINT)
            heard.wait(60)
        elif "stopping" in said:
            heard.set()

    monkeypatch.setattr("twin.cli.applying.say", lambda text, **_: stop(str(text)))
    assert twin("apply", "spec.yaml")[0] == 130
    assert sum(slow) < 300
