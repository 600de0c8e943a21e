"""The applier ends at a call, wherever that is; the next run leaves no orphan, no double and no difference."""

from contextlib import contextmanager
from pathlib import Path

from twin.blueprints.compile import compile_spec
from twin.engine.state import Store
from twin.explore import crash_points as exploring
from twin.explore.course import Course
from twin.explore.crash_points import crash_points
from twin.explore.mishaps import MOMENTS
from twin.resources.aws.ec2 import outputs, tag_specification
from twin.resources.aws.vpc import Vpc
from twin.resources.call import aws
from twin.scenario.embedded import make_world
from twin.scenario.rehearsal import target_of
from twin.scenario.timeline import Timeline
from twin.spec.load import parse

SPEC = b"""\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme, region: us-east-1}
okta: {org_url: "https://acme.okta.com"}
resources:
  aws.iam.user: {uploader: {name: uploader}}
  aws.secretsmanager.secret: {key: {name: key, recovery_window: 0}}
  aws.iam.access_key:
    key: {user: "${aws.iam.user.uploader.id}", store: "${aws.secretsmanager.secret.key.arn}"}
  aws.s3.bucket: {lake: {bucket: acme-lake, versioning: true}}
  aws.kms.key: {data: {description: data}}
  aws.kms.alias: {data: {name: alias/data, key: "${aws.kms.key.data.id}"}}
  aws.ec2.vpc: {main: {cidr_block: 10.0.0.0/16, dns_hostnames: true}}
  aws.ec2.internet_gateway: {main: {vpc: "${aws.ec2.vpc.main.id}"}}
  aws.ec2.route_table:
    main:
      vpc: "${aws.ec2.vpc.main.id}"
      routes: [{destination: 0.0.0.0/0, gateway: "${aws.ec2.internet_gateway.main.id}"}]
  okta.group: {team: {name: team}}
"""
SMALL = b"""\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme, region: us-east-1}
resources:
  aws.ec2.vpc: {main: {cidr_block: 10.0.0.0/16, dns_hostnames: true}}
  aws.ec2.internet_gateway: {main: {vpc: "${aws.ec2.vpc.main.id}"}}
"""
EVERY = 12
IN_THE_GATE = 30


@contextmanager
def on_its_way(spec, folder):
    """Give a function from a verb to what the ends of that run come to, each `every`th call; on one world."""
    desired, scope = compile_spec(parse(spec, Path("spec.yaml"), environ={}))
    timeline = Timeline()
    world = make_world(scope, seed=1, clock=timeline)
    timeline.lead(world)
    store = Store(folder / "state")

    def play(verb, every=1):
        course = Course(desired, target_of(world, scope), lambda source: source, verb, world)
        return list(crash_points(course, store, every=every))

    yield play
    world.close()


def test_every_end_of_the_applier_is_survived(tmp_path):
    """At each call of a small org's apply and destroy, in each of the ways, and again during the recovery."""
    with on_its_way(SMALL, tmp_path) as play:
        for verb, calls in (("apply", 5), ("destroy", 4)):
            told = play(verb)
            assert [one for one in told if not one.good] == []
            assert told[-1].number == calls
            ends = [one for one in told[:-1] if not one.again]
            assert sum(one.stands_for for one in ends) == calls * len(MOMENTS)
            assert {one.moment for one in ends} == set(MOMENTS)
            assert any(one.rejoins for one in ends)


def test_ends_in_a_larger_org_are_survived(tmp_path, whole):
    """Keys that are stored elsewhere, buckets with their parts, a vendor without tags: at some of the calls."""
    every = EVERY if whole else IN_THE_GATE
    with on_its_way(SPEC, tmp_path) as play:
        told = play("apply", every) + play("destroy", every)
    assert [one for one in told if not one.good] == []
    assert any(one.again for one in told)


def test_a_recovery_that_rejoins_is_seen_through_when_it_is_drawn(tmp_path, monkeypatch):
    """What is taken to end as the undisturbed run does so, when it is played to its end after all."""
    monkeypatch.setattr(exploring, "AUDIT", 1)
    with on_its_way(SMALL, tmp_path) as play:
        told = play("apply", 4)
    assert [one for one in told if not one.good or one.rejoins] == []


def test_an_object_that_is_marked_later_is_found_out(monkeypatch, tmp_path):
    """A VPC whose owner is written by a second call belongs to nobody when the applier ends between the two."""

    def create(self, scope, address):
        reply = yield aws("ec2", "CreateVpc", {"CidrBlock": self.cidr_block})
        id_ = reply["Vpc"]["VpcId"]
        (specification,) = tag_specification("vpc", scope, address, self.tags)
        yield aws("ec2", "CreateTags", {"Resources": [id_], "Tags": specification["Tags"]})
        return outputs(scope, "vpc", id_)

    monkeypatch.setattr(Vpc, "create", create)
    monkeypatch.setattr(exploring, "ORDERLY", ())
    spec = SPEC.split(b"resources:")[0] + b"resources: {aws.ec2.vpc: {main: {cidr_block: 10.0.0.0/16}}}\n"
    with on_its_way(spec, tmp_path) as play:
        told = play("apply")
    assert ("after", "ec2:CreateVpc") in {(one.moment, one.call) for one in told if one.orphans}
