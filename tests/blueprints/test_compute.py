"""What load balancers, workers, clusters and databases become."""

import pytest

from tests.blueprints.built import NETWORK, build, refused
from twin.blueprints.load_balancer import cloudflare_ranges, common_name

COMPUTE = """\
compute:
  alb: {hosts: [acme.example, www.acme.example], subnets: public}
  workers: {web: {image: /aws/service/ami-x, subnets: private, min: 2, max: 4, behind_alb: true}}
  eks: {version: "1.34", subnets: private, nodes: {main: {min: 2}}}
  databases:
    main:
      engine: postgres
      version: "16.9"
      instance_class: db.t4g.medium
      subnets: data
      storage: 20GiB
      replicas: 1
"""
EDGE = "edge: {zone: acme.example, records: [{name: www, type: CNAME, target: compute.alb, proxied: true}]}\n"
OPS = "iam: {roles: {ops: {service: lambda.amazonaws.com}}}\n"
WHOLE = NETWORK + COMPUTE + EDGE


def test_compute_is_as_aws_takes_it() -> None:
    """Nothing that AWS refuses."""
    assert build(WHOLE).problems() == []


def test_each_tier_lets_in_the_tier_before_it_alone() -> None:
    """Load balancer to workers to database, by their groups; the cluster's pods by their subnets."""
    built = build(WHOLE)
    web = built.get("aws.ec2.security_group", "web").ingress
    database = built.get("aws.ec2.security_group", "db-main").ingress
    assert [(rule.group, rule.from_port) for rule in web] == [("${aws.ec2.security_group.alb.id}", 8080)]
    assert [rule.group or rule.cidr for rule in database] == [
        "${aws.ec2.security_group.web.id}",
        "10.0.32.0/20",
        "10.0.48.0/20",
    ]
    assert built.get("aws.ec2.security_group", "db-main").egress == []


@pytest.mark.parametrize(
    ("edge", "clients"),
    [(EDGE, cloudflare_ranges()), (EDGE.replace("true", "false"), ["0.0.0.0/0"])],
    ids=["proxied", "not proxied"],
)
def test_only_cloudflare_reaches_a_load_balancer_behind_it(edge: str, clients: list[str]) -> None:
    """A name that is not proxied opens it to everybody."""
    rules = build(NETWORK + COMPUTE + edge).get("aws.ec2.security_group", "alb").ingress
    assert {rule.cidr for rule in rules} == set(clients)
    assert {rule.from_port for rule in rules} == {80, 443}


def test_the_certificate_is_proven_in_the_zone_that_holds_the_hosts() -> None:
    """One certificate with a wildcard, one record, a listener that redirects plain HTTP."""
    built = build(WHOLE)
    certificate = built.get("aws.acm.certificate", "alb")
    assert (certificate.domain, certificate.names) == ("acme.example", ["*.acme.example"])
    proof = built.get("cloudflare.dns_record", "alb-certificate")
    assert proof.content == "${aws.acm.certificate.alb.validation_value}"
    assert built.get("aws.elbv2.listener", "https").tls_policy.startswith("ELBSecurityPolicy-TLS13")
    assert built.get("aws.elbv2.listener", "http").redirect is not None


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        (("www.a.example",), ("www.a.example", [])),
        (("www.a.example", "api.a.example"), ("a.example", ["*.a.example"])),
        (("a.example", "www.a.example"), ("a.example", ["*.a.example"])),
        (("a.example", "b.example.com"), (None, [])),
        (("a.example", "x.y.a.example"), (None, [])),
    ],
)
def test_one_certificate_covers_hosts_side_by_side(hosts: tuple[str, ...], names: tuple[str | None, list[str]]) -> None:
    """A wildcard stands for one label."""
    assert common_name(hosts) == names


@pytest.mark.parametrize(
    ("spec", "codes"),
    [
        (NETWORK + COMPUTE, ["TW0731"]),
        (NETWORK + COMPUTE.replace("www.acme.example]", "www.other.example]") + EDGE, ["TW0730"]),
        (NETWORK + COMPUTE.replace("eks: {", "eks: {admins: [ops], ") + EDGE + OPS, ["TW0727"]),
    ],
)
def test_what_could_not_work_is_refused(spec: str, codes: list[str]) -> None:
    """A certificate that nobody proves, hosts too far apart, a field that no type carries."""
    assert [code for code, _ in refused(spec)] == codes


def test_workers_have_no_open_shell_and_an_image_by_its_parameter() -> None:
    """Systems Manager instead of SSH; the parameter is resolved when an instance starts."""
    built = build(WHOLE)
    template = built.get("aws.ec2.launch_template", "web")
    assert template.image == "resolve:ssm:/aws/service/ami-x"
    assert template.volume.encrypted
    assert template.imds_v2
    assert built.get("aws.iam.attachment", "web-sessions").policy.endswith("AmazonSSMManagedInstanceCore")
    assert built.get("aws.autoscaling.group", "web").health_check == "ELB"


def test_a_database_is_closed_encrypted_and_without_a_written_password() -> None:
    """AWS makes and keeps the password; the replica follows its source."""
    built = build(WHOLE)
    database = built.get("aws.rds.instance", "main")
    assert (database.password, database.publicly_accessible, database.storage_encrypted) == (None, False, True)
    assert (database.port, database.multi_az, database.deletion_protection) == (5432, True, True)
    assert built.get("aws.rds.replica", "main-replica-1").source == "${aws.rds.instance.main.id}"


def test_a_class_that_rds_has_not_points_to_the_very_line() -> None:
    """The line of the class; the replica, which has the same, points there too."""
    built = build(WHOLE.replace("db.t4g.medium", "db.t4g.gigantic"))
    line = built.spec.document.text.splitlines().index("      instance_class: db.t4g.gigantic") + 1
    assert {(p.code, p.span.line) for p in built.problems() if p.span} == {("TW0471", line)}


def test_the_cluster_is_private_and_its_nodes_have_a_role_of_their_own() -> None:
    """Control plane by EKS's role, nodes by EC2's with three policies."""
    built = build(WHOLE)
    cluster = built.get("aws.eks.cluster", "main")
    assert (cluster.endpoint_public, cluster.endpoint_private) == (False, True)
    assert built.get("aws.iam.role", "cluster").trust["Statement"][0]["Principal"] == {"Service": "eks.amazonaws.com"}
    assert len([name for name in built.names("aws.iam.attachment") if name.startswith("nodes-")]) == 3
    assert built.get("aws.eks.node_group", "main").desired_size == 2
