"""Clusters, node groups and repositories keep the resource contract on a real store."""

import pytest

from twin.address import Address
from twin.resources.aws.ecr import Repository
from twin.resources.aws.eks import Cluster
from twin.resources.aws.eks_node_group import NodeGroup
from twin.resources.aws.subnet import Subnet
from twin.resources.resource import Immutable, Peers, drain
from twin.resources.scope import Scope
from twin.world.stores.additions import install


@pytest.fixture(autouse=True)
def _complete_store():
    """The store has the operations that moto lacks."""
    install()


ROLE = "arn:aws:iam::123456789012:role/eks"
SCOPE = Scope(org="acme", environment="test", account="123456789012")


class Echo(str):
    """A stand-in reply: every index gives itself."""

    def __getitem__(self, key):
        return self


def cluster(**fields):
    """A sound cluster with some fields other."""
    return Cluster(**{"name": "main", "version": "1.34", "role": ROLE, "subnets": ["subnet-a", "subnet-b"], **fields})


def nodes(**fields):
    """A sound node group with some fields other."""
    return NodeGroup(
        **{
            "cluster": "${aws.eks.cluster.main.id}",
            "name": "workers",
            "role": ROLE,
            "subnets": ["subnet-a", "subnet-b"],
            "instance_types": ["m7g.large"],
            "ami_type": "AL2023_ARM_64_STANDARD",
            "min_size": 1,
            "desired_size": 2,
            "max_size": 4,
            **fields,
        }
    )


def problems(resource, desired=None):
    """The codes and fields of what a check finds."""
    return [(p.code, p.field) for p in resource.check(Address(resource.TYPE, "x"), Peers(desired or {}, SCOPE))]


def test_cluster_lives_and_dies(bench):
    """A cluster is made, changed in place and deleted."""
    first = cluster(
        endpoint_public=False,
        endpoint_private=True,
        log_types=["audit", "api"],
        secrets_key="arn:aws:kms:us-east-1:123456789012:key/1",
        tags={"team": "a"},
    )
    bench.lifecycle("main", first, cluster(**{**first.values(), "log_types": ["audit"], "tags": {"tier": "b"}}))


def test_new_version_is_an_update_of_the_cluster():
    """A change of version alone is one call of its own."""
    observed = type("Seen", (), {"id": "main", "fields": {}, "outputs": {"arn": "x"}})()
    calls, _ = drain(cluster().update(SCOPE, Address("aws.eks.cluster", "m"), observed, frozenset({"version"})), Echo())
    assert [(str(c), c.params) for c in calls] == [("eks:UpdateClusterVersion", {"name": "main", "version": "1.34"})]


def test_cluster_moves_to_other_subnets_in_place():
    """Subnets and groups are changed by a call of their own, and no cluster is replaced for them."""
    observed = type("Seen", (), {"id": "main", "fields": {}, "outputs": {"arn": "x"}})()
    wanted = cluster(subnets=["subnet-a", "subnet-c"], security_groups=["sg-1"])
    changed = frozenset({"subnets", "endpoint_private"})
    calls, _ = drain(wanted.update(SCOPE, Address("aws.eks.cluster", "m"), observed, changed), Echo())
    assert [(str(call), sorted(call.params["resourcesVpcConfig"])) for call in calls] == [
        ("eks:UpdateClusterConfig", ["endpointPrivateAccess", "endpointPublicAccess"]),
        ("eks:UpdateClusterConfig", ["securityGroupIds", "subnetIds"]),
    ]
    assert not {"subnets", "security_groups"} & Cluster.marked(Immutable)


def test_node_group_lives_and_dies(bench):
    """A node group is made in a cluster, scaled and relabelled in place, and deleted."""
    bench.create("main", cluster())
    bench.lifecycle(
        "workers",
        nodes(labels={"pool": "a", "old": "x"}, tags={"team": "a"}),
        nodes(labels={"pool": "b"}, desired_size=3, max_size=6, tags={"tier": "b"}),
    )


def test_repository_lives_and_dies(bench):
    """A repository is made with a lifecycle policy, changed in place and deleted."""

    def keep(count):
        rule = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": count}
        return {"rules": [{"rulePriority": 1, "selection": rule, "action": {"type": "expire"}}]}

    bench.lifecycle(
        "app",
        Repository(name="shop/app", lifecycle_policy=keep(10), tags={"team": "a"}),
        Repository(
            name="shop/app", lifecycle_policy=keep(5), scan_on_push=False, immutable_tags=False, tags={"b": "c"}
        ),
    )


def test_repository_without_lifecycle_policy_reads_back(bench):
    """No policy is nothing to compare, and no error."""
    bench.lifecycle("app", Repository(name="app", kms_key="arn:aws:kms:us-east-1:123456789012:key/1"))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"name": "-main"}, [("TW0485", "name")]),
        ({"version": "1.19"}, [("TW0481", "version")]),
        ({"subnets": ["subnet-a"]}, [("TW0473", "subnets")]),
        ({"log_types": ["everything"]}, [("TW0481", "log_types")]),
        ({"endpoint_public": False}, [("TW0494", "endpoint_private")]),
    ],
)
def test_cluster_constraints(fields, found):
    """What EKS refuses of a cluster is found; what it takes is not."""
    assert problems(cluster(**fields)) == found


def test_cluster_subnets_lie_in_two_zones():
    """Two subnets of one zone are too few; a zone that is not known yet is not judged."""

    def desired(zones):
        return {
            Address("aws.ec2.subnet", name): Subnet(vpc="vpc-1", cidr_block=f"10.0.{i}.0/24", availability_zone=zone)
            for i, (name, zone) in enumerate(zones.items())
        }

    both = cluster(subnets=["${aws.ec2.subnet.a.id}", "${aws.ec2.subnet.b.id}"])
    assert problems(both, desired({"a": "us-east-1a", "b": "us-east-1b"})) == []
    assert problems(both, desired({"a": "us-east-1a", "b": "us-east-1a"})) == [("TW0473", "subnets")]
    assert problems(both, desired({"a": "us-east-1a"})) == []


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"desired_size": 5}, [("TW0479", "desired_size")]),
        ({"min_size": 0, "desired_size": 0, "max_size": 0}, [("TW0479", "desired_size")]),
        ({"ami_type": "AL1"}, [("TW0481", "ami_type")]),
    ],
)
def test_node_group_constraints(fields, found):
    """What EKS refuses of a node group is found; what it takes is not."""
    assert problems(nodes(**fields)) == found


@pytest.mark.parametrize("name", ["App", "a", "app//x", "app-", "-app", "a" * 257])
def test_repository_name_follows_the_pattern(name):
    """ECR takes lower-case names of two characters and more."""
    assert problems(Repository(name="team/app_1.x")) == []
    assert problems(Repository(name=name)) == [("TW0485", "name")]
