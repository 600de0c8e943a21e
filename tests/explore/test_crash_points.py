"""The applier ends at a call, wherever that is; the next run leaves no orphan, no double and no difference."""

from pathlib import Path

import pytest

from twin.blueprints.compile import compile_spec
from twin.engine.lock import Claim, FileLock, Holder
from twin.engine.state import Store
from twin.engine.team_state import Objects, TeamStore
from twin.errors import UsageError
from twin.explore import crash_points as exploring
from twin.explore import reads
from twin.explore.course import Course
from twin.explore.crash_points import crash_points
from twin.explore.mishaps import MOMENTS, Unready
from twin.explore.undisturbed import carry_out
from twin.resources.aws import health_check
from twin.resources.aws.ec2 import outputs, tag_specification
from twin.resources.aws.vpc import Vpc
from twin.resources.call import aws
from twin.scenario.embedded import make_world
from twin.scenario.fork import in_forks
from twin.scenario.rehearsal import target_of
from twin.scenario.timeline import Timeline
from twin.spec.load import parse
from twin.spec.model.state import S3State

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
  aws.dynamodb.table: {orders: {name: orders, hash_key: id, attributes: {id: S}}}
  aws.route53.health_check:
    shop: {kind: HTTPS, domain: shop.acme.example, port: 443, path: /}
  okta.group: {team: {name: team}}
"""
HEAD = SPEC.split(b"resources:")[0]
SMALL = (
    HEAD
    + b"""\
resources:
  aws.ec2.vpc: {main: {cidr_block: 10.0.0.0/16, dns_hostnames: true}}
  aws.ec2.internet_gateway: {main: {vpc: "${aws.ec2.vpc.main.id}"}}
"""
)
WAITED = (
    SMALL
    + b"""\
  aws.ec2.subnet: {a: {vpc: "${aws.ec2.vpc.main.id}", cidr_block: 10.0.1.0/24, availability_zone: us-east-1a}}
  aws.ec2.elastic_ip: {a: {}}
  aws.ec2.nat_gateway:
    a:
      subnet: "${aws.ec2.subnet.a.id}"
      elastic_ip: "${aws.ec2.elastic_ip.a.id}"
      internet_gateway: "${aws.ec2.internet_gateway.main.id}"
"""
)
VPC = HEAD + b"resources: {aws.ec2.vpc: {main: {cidr_block: 10.0.0.0/16}}}\n"
STOOD = WAITED.split(b"  aws.ec2.elastic_ip")[0]
CHANGED = STOOD.replace(b"true", b"false").replace(b"10.0.1.0", b"10.0.2.0")
EVERY = 12
IN_THE_GATE = 30


def compiled(spec):
    """Compile a spec; its resources and its scope."""
    return compile_spec(parse(spec, Path("spec.yaml"), environ={}))


def team_store(folder, target):
    """Return a store whose state and lock stand in a bucket of the world itself."""
    system, bucket = target.systems["aws"], {"Bucket": "acme-states"}
    system.execute(aws("s3", "CreateBucket", bucket))
    system.execute(aws("s3", "PutBucketVersioning", {**bucket, "VersioningConfiguration": {"Status": "Enabled"}}))
    place = S3State(bucket="acme-states", key="states")
    return TeamStore(
        folder, Objects(place, "base", system, account=target.scope.account), Claim(Holder("lock-1", "ann"))
    )


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A function from wishes and a verb to a course on an empty world, whose clients are there for all copies of it."""
    desired, scope = compiled(SPEC)
    timeline = Timeline()
    world = make_world(scope, seed=1, clock=timeline)
    timeline.lead(world)
    target = target_of(world, scope)

    def course(wanted, verb):
        return Course(wanted, target, lambda source: source, verb, world)

    course(desired, "apply").plan(Store(tmp_path_factory.mktemp("state")), every_type=True)
    yield course
    world.close()


@pytest.fixture
def played(ground, tmp_path):
    """Give a function from a spec and verbs to what the ends of each run come to, on a copy of the world."""

    def play(spec, *verbs, every=1, before=None, shared=False):
        def course(verb):
            return ground(compiled(spec)[0], verb)

        def carried():
            folder = tmp_path / "state"
            store = team_store(folder, course("apply").target) if shared else Store(folder)
            if before is not None:
                carry_out(ground(compiled(before)[0], "apply"), store)
            return [list(crash_points(course(verb), store, every=every)) for verb in verbs or ("apply",)]

        (told,) = in_forks([carried])
        return told

    return play


def test_every_end_of_the_applier_is_survived(played):
    """At each call of a small org's apply and destroy, in each of the ways, and again during the recovery."""
    for told, calls in zip(played(SMALL, "apply", "destroy"), (5, 4), strict=True):
        assert [one for one in told if not one.good] == []
        assert told[-1].number == calls
        ends = [one for one in told[:-1] if not one.again]
        ways = set(MOMENTS) - {Unready.name}
        assert sum(one.stands_for for one in ends) == calls * len(ways)
        assert {one.moment for one in ends} == ways
        assert any(one.rejoins for one in ends)
        assert any(one.alike for one in ends)
        assert any(one.again for one in told)


def test_what_takes_longer_than_a_run_waits_is_there_for_the_next_one(played, monkeypatch):
    """A NAT gateway that is still pending when the run gives up is the one that the next run finds."""
    monkeypatch.setattr(exploring, "ORDERLY", (Unready,))
    (told,) = played(WAITED)
    assert [one for one in told if not one.good] == []
    assert [one.call for one in told if one.moment == Unready.name] == ["ec2:CreateNatGateway"]


def test_updates_and_replacements_that_are_cut_short_are_carried_on(played):
    """A VPC whose attribute changes and a subnet that must be another one, on an org that stands."""
    (told,) = played(CHANGED, before=STOOD)
    assert [one for one in told if not one.good] == []
    calls = {one.call for one in told if one.moment == "throttled"}
    assert calls >= {"ec2:ModifyVpcAttribute", "ec2:CreateSubnet", "ec2:DeleteSubnet"}
    assert "ec2:CreateVpc" not in calls


def test_ends_in_a_larger_org_are_survived(played, whole):
    """Keys that are stored elsewhere, buckets with their parts, a vendor without tags: at some of the calls."""
    for told in played(SPEC, "apply", "destroy", every=EVERY if whole else IN_THE_GATE):
        assert [one for one in told if not one.good] == []


def test_a_recovery_that_rejoins_is_seen_through_when_it_is_drawn(played, monkeypatch):
    """What is taken to end as the undisturbed run does so, when it is played to its end after all."""
    monkeypatch.setattr(exploring, "AUDIT", 1)
    monkeypatch.setattr(exploring, "REREAD", 1)
    (told,) = played(SMALL, every=5)
    assert [one for one in told if not one.good or one.rejoins or (one.alike and not one.again)] == []


def test_an_object_that_is_marked_later_is_found_out(played, monkeypatch):
    """A VPC whose owner is written by a second call belongs to nobody when the applier ends between the two."""

    def create(self, scope, address):
        reply = yield aws("ec2", "CreateVpc", {"CidrBlock": self.cidr_block})
        id_ = reply["Vpc"]["VpcId"]
        (specification,) = tag_specification("vpc", scope, address, self.tags)
        yield aws("ec2", "CreateTags", {"Resources": [id_], "Tags": specification["Tags"]})
        return outputs(scope, "vpc", id_)

    monkeypatch.setattr(Vpc, "create", create)
    monkeypatch.setattr(exploring, "ORDERLY", ())
    (told,) = played(VPC)
    assert ("after", "ec2:CreateVpc") in {(one.moment, one.call) for one in told if one.orphans}


def test_a_lock_in_a_bucket_outlives_its_holder_and_is_broken(played, monkeypatch):
    """With the state in S3 a second applier is refused at each call, and one after a death breaks its lock."""
    monkeypatch.setattr(exploring, "ORDERLY", ())
    (told,) = played(SMALL, every=3, shared=True)
    assert [one for one in told if not one.good] == []


def test_a_lock_in_a_bucket_that_is_not_broken_stops_the_next_run(played, monkeypatch):
    """Whoever applies after a death without breaking the lock is told who has it."""
    monkeypatch.setattr(exploring, "ORDERLY", ())
    monkeypatch.setattr(TeamStore, "unlock", lambda self, id_: "not broken")
    with pytest.raises(UsageError, match="ann"):
        played(SMALL, every=5, shared=True)


def test_a_call_that_is_not_announced_is_found_out(played, monkeypatch):
    """An applier that writes its journal behind the call leaves one of which nobody knows."""
    write = Store.write

    def behind(self, line):
        if "call" not in line or line["phase"] != "begin":
            write(self, line)

    monkeypatch.setattr(Store, "write", behind)
    monkeypatch.setattr(exploring, "ORDERLY", ())
    (told,) = played(VPC)
    assert any(why.startswith("the journal ends with") for one in told for why in one.failed)


def test_a_token_that_is_another_each_time_is_found_out(played, monkeypatch):
    """A health check whose CallerReference does not follow from its address is made a second time."""
    count = iter(range(1000))
    monkeypatch.setattr(health_check, "_reference", lambda scope, address: f"anything-{next(count)}")
    check = HEAD + b"resources: {aws.route53.health_check: {shop: {domain: shop.acme.example}}}\n"
    monkeypatch.setattr(exploring, "ORDERLY", ())
    (told,) = played(check)
    assert any(one.orphans or one.doubles for one in told)


def test_a_second_applier_that_is_let_in_is_found_out(played, monkeypatch):
    """Without a lock two runs would be at work in one folder."""
    monkeypatch.setattr(FileLock, "take", lambda self, run: None)
    with pytest.raises(AssertionError, match="two appliers are at work"):
        played(VPC)


def test_a_reply_that_is_kept_too_long_is_found_out(played, monkeypatch):
    """What a call changed is read again; replies that were kept over it differ from those that the world gives."""
    monkeypatch.setattr(exploring, "REREAD", 1)
    monkeypatch.setattr(reads, "_reaches", lambda call, place, kept: False)
    with pytest.raises(AssertionError, match="ec2:DescribeVpcs"):
        played(VPC)
