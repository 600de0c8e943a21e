"""What a spec means in another Region: the same again under addresses that name it, as its patch has it."""

import pytest

from tests.blueprints.built import HEAD, NETWORK, build
from twin.errors import SpecError

TWO = (
    NETWORK
    + """\
encryption: {keys: {data: {purpose: Data, multi_region: true}, local: {purpose: Disks}}}
data:
  buckets: {app: {key: data, replicate_in: us-west-2}}
  secrets: {partner: {key: data, replicate_in: [us-west-2]}}
compute:
  alb: {hosts: [www.acme.example], subnets: public}
  workers:
    web: {image: ami-0123456789abcdef0, instance_type: t3.small, subnets: private, min: 2, max: 4, behind_alb: true}
  databases:
    orders: {engine: postgres, version: "16.9", instance_class: db.t4g.medium, subnets: data, storage: 20GiB, key: data}
dns:
  zones:
    public:
      domain: acme.example
      records: [{name: www, type: A, target: compute.alb, failover: {to: us-west-2}}]
    inside: {domain: acme.internal, private: true, records: [{name: db, type: CNAME, target: compute.databases.orders}]}
regions:
  us-west-2:
    network: {cidr: 10.9.0.0/16}
    data: {secrets: null}
    compute: {databases: {orders: {replica_of: us-east-1}}, workers: {web: {min: 1}}}
"""
)
WEST = "us-west-2"


def test_another_region_has_what_the_own_one_has_less_its_patch() -> None:
    """Nothing that AWS refuses; names of IAM have the Region in them, the other addresses stand at it."""
    built = build(TWO)
    assert built.problems() == []
    assert built.names("aws.ec2.vpc") == ["main", "main@us-west-2"]
    assert built.get("aws.ec2.vpc", "main@us-west-2").cidr_block == "10.9.0.0/16"
    assert built.get("aws.ec2.subnet", "data-a@us-west-2").availability_zone == "us-west-2a"
    assert built.get("aws.autoscaling.group", "web@us-west-2").min == 1
    assert built.names("aws.iam.role") == ["app-replication", "web", "web-us-west-2"]
    assert built.get("aws.iam.role", "web-us-west-2").name == "acme-test-us-west-2-web"
    assert built.names("aws.secretsmanager.secret") == ["partner"]
    assert built.names("aws.route53.zone") == ["inside", "inside@us-west-2", "public"]


def test_references_stay_in_their_region_unless_they_say_otherwise() -> None:
    """The replica's group and key are the Region's, its source the org's; a key that is multi-Region is a replica."""
    built = build(TWO)
    replica = built.get("aws.rds.replica", "orders@us-west-2")
    assert replica.source == "${aws.rds.instance.orders.arn}"
    assert replica.kms_key == "${aws.kms.key.data@us-west-2.arn}"
    assert replica.subnet_group == "${aws.rds.subnet_group.orders@us-west-2.id}"
    assert built.get("aws.kms.key", "data@us-west-2").primary == "${aws.kms.key.data.arn}"
    assert built.get("aws.kms.key", "local@us-west-2").primary is None
    (record,) = built.get("aws.route53.record", "inside-db-cname@us-west-2").records
    assert record == "${aws.rds.replica.orders@us-west-2.endpoint}"


def test_copies_and_names_lead_to_the_other_region() -> None:
    """The bucket's copies under the key there, the secret's too, and the name's second answer."""
    built = build(TWO)
    (rule,) = built.get("aws.s3.bucket", "app").replication.rules
    assert rule.bucket == "arn:aws:s3:::acme-test-us-west-2-app-111122223333"
    assert rule.replica_kms_key == "${aws.kms.key.data@us-west-2.arn}"
    assert built.get("aws.s3.bucket", "app@us-west-2").replication is None
    assert built.get("aws.secretsmanager.secret", "partner").replicas == {WEST: "${aws.kms.key.data@us-west-2.arn}"}
    first = built.get("aws.route53.record", "public-www-a")
    second = built.get("aws.route53.record", "public-www-a-us-west-2")
    assert (first.failover, first.alias.evaluate_health) == ("PRIMARY", True)
    assert (second.failover, second.alias.dns_name) == (
        "SECONDARY",
        "${aws.elbv2.load_balancer.alb@us-west-2.dns_name}",
    )


def test_one_record_proves_the_certificates_of_both_regions() -> None:
    """AWS asks for the same record for the same domain and account, in the public zone where there is no edge."""
    built = build(TWO)
    assert built.names("aws.acm.certificate") == ["alb", "alb@us-west-2"]
    proof = built.get("aws.route53.record", "alb-certificate")
    assert proof.zone == "${aws.route53.zone.public.id}"


@pytest.mark.parametrize(
    ("good", "bad", "code"),
    [
        ("replica_of: us-east-1", "replica_of: eu-west-1", "TW0737"),
        ("failover: {to: us-west-2}", "failover: {to: eu-west-1}", "TW0737"),
        ("key: data, replicate_in: us-west-2", "key: data, replicate_in: eu-west-1", "TW0737"),
        ("key: data, replicate_in: [us-west-2]", "key: data, replicate_in: [eu-west-1]", "TW0737"),
        ("type: A, target: compute.alb, fail", "type: CNAME, target: compute.alb, fail", "TW0214"),
        ("  us-west-2:\n", "  us-east-1:\n", "TW0214"),
        ("{min: 1}", "{mim: 1}", "TW0104"),
    ],
    ids=["replica", "name", "bucket", "secret", "unwatched", "home", "typo"],
)
def test_what_stands_nowhere_is_refused_at_its_place(good: str, bad: str, code: str) -> None:
    """Each lead to a Region that has nothing of it, and each mistake in a Region's patch, at its own line."""
    assert good in TWO
    told = TWO.replace(good, bad, 1)
    with pytest.raises(SpecError) as error:
        build(told)
    lines = (HEAD + told).splitlines()
    found = {one.code: lines[one.span.line - 1] for one in error.value.diagnostics if one.span}
    assert code in found
    assert bad.strip().split(" ")[-1].strip("[]{}") in found[code] or bad.split(":")[0].strip() in found[code]
