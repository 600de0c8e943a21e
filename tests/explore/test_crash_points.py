"""The applier ends at a call, wherever that is; the next run leaves no orphan, no double and no difference."""

from pathlib import Path

import pytest

from twin.blueprints.compile import compile_spec
from twin.engine.state import Store
from twin.explore.crash_points import MOMENTS, Course, crash_points
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
EVERY = 5


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    """Make the ways to apply and to destroy one small org, and the folder of its state."""
    desired, scope = compile_spec(parse(SPEC, Path("spec.yaml"), environ={}))
    timeline = Timeline()
    world = make_world(scope, seed=1, clock=timeline)
    timeline.lead(world)
    target = target_of(world, scope)
    store = Store(tmp_path_factory.mktemp("crash") / "state")
    yield [Course(desired, target, lambda source: source, verb) for verb in ("apply", "destroy")], store
    world.close()


def test_every_end_of_the_applier_is_survived(courses):
    """Before a call, after it, and at its lost reply; in apply, then in destroy, and again during the recovery."""
    found = []
    for course in courses[0]:
        told = list(crash_points(course, courses[1], every=EVERY))
        assert {one.moment for one in told} == {*MOMENTS, "never"}
        assert told[-1].number // EVERY * 3 == len(told) - 1
        found += told
    assert [one for one in found if not one.good] == []
    assert any(one.again for one in found)


def test_an_object_that_is_marked_later_is_found_out(monkeypatch, tmp_path):
    """A VPC whose owner is written by a second call belongs to nobody when the applier ends between the two."""

    def create(self, scope, address):
        reply = yield aws("ec2", "CreateVpc", {"CidrBlock": self.cidr_block})
        id_ = reply["Vpc"]["VpcId"]
        (specification,) = tag_specification("vpc", scope, address, self.tags)
        yield aws("ec2", "CreateTags", {"Resources": [id_], "Tags": specification["Tags"]})
        return outputs(scope, "vpc", id_)

    monkeypatch.setattr(Vpc, "create", create)
    spec = SPEC.split(b"resources:")[0] + b"resources: {aws.ec2.vpc: {main: {cidr_block: 10.0.0.0/16}}}\n"
    desired, scope = compile_spec(parse(spec, Path("spec.yaml"), environ={}))
    timeline = Timeline()
    world = make_world(scope, seed=1, clock=timeline)
    timeline.lead(world)
    course = Course(desired, target_of(world, scope), lambda source: source, "apply")
    told = list(crash_points(course, Store(tmp_path / "state")))
    world.close()
    assert ("after", "ec2:CreateVpc") in {(one.moment, one.call) for one in told if one.orphans}
