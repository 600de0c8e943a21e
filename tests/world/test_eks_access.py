"""EKS access entries and add-ons: who is let in as the mode allows, and what runs in versions that fit."""

import pytest
from clusters import cluster, nodes, role
from mounted import Clients
from refused import refusal

from twin.world.world import World

ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
ROOT = "arn:aws:iam::123456789012:root"
NAMED = {"clusterName": "main"}


@pytest.fixture
def eks(clients):
    """EKS with a cluster whose mode is API, and its client's subnets as `eks.subnets`."""
    subnets, _ = cluster(clients, accessConfig={"authenticationMode": "API"})
    made = clients("eks")
    made.subnets = subnets
    return made


def test_creator_is_administrator_unless_told_otherwise(clients, eks):
    """In a mode that knows entries; the other cluster has none."""
    assert eks.list_access_entries(**NAMED)["accessEntries"] == [ROOT]
    [policy] = eks.list_associated_access_policies(**NAMED, principalArn=ROOT)["associatedAccessPolicies"]
    assert (policy["policyArn"], policy["accessScope"]["type"]) == (ADMIN, "cluster")


def test_cluster_without_bootstrap_lets_nobody_in(clients):
    """The creator has to make an entry."""
    config = {"authenticationMode": "API_AND_CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": False}
    _, told = cluster(clients, accessConfig=config)
    assert told["accessConfig"] == config
    assert clients("eks").list_access_entries(**NAMED)["accessEntries"] == []


def test_mode_decides_and_goes_one_way(clients):
    """By default the cluster knows its config map only; modes move on by one, not back."""
    cluster(clients)
    eks = clients("eks")
    arn = role(clients, "dev", "ec2.amazonaws.com")
    assert refusal(eks.create_access_entry, **NAMED, principalArn=arn) == ("InvalidRequestException", 400)
    assert refusal(eks.list_access_entries, **NAMED) == ("InvalidRequestException", 400)

    def move(mode):
        return eks.update_cluster_config(name="main", accessConfig={"authenticationMode": mode})["update"]

    assert refusal(move, "API") == ("InvalidParameterException", 400)
    assert move("API_AND_CONFIG_MAP")["type"] == "AccessConfigUpdate"
    eks.create_access_entry(**NAMED, principalArn=arn)
    move("API")
    assert refusal(move, "CONFIG_MAP") == ("InvalidParameterException", 400)
    assert eks.describe_cluster(name="main")["cluster"]["accessConfig"]["authenticationMode"] == "API"


def test_entry_lives_and_dies(clients, eks):
    """Made, told, changed, tagged, deleted; then it is not there."""
    arn = role(clients, "dev", "ec2.amazonaws.com")
    named = {**NAMED, "principalArn": arn}
    made = eks.create_access_entry(**named, kubernetesGroups=["devs"], tags={"a": "1"})["accessEntry"]
    assert made["username"] == "arn:aws:sts::123456789012:assumed-role/dev/{{SessionName}}"
    assert refusal(eks.create_access_entry, **named) == ("ResourceInUseException", 409)
    eks.update_access_entry(**named, kubernetesGroups=["ops"], username="dev")
    told = eks.describe_access_entry(**named)["accessEntry"]
    assert (told["kubernetesGroups"], told["username"], told["type"]) == (["ops"], "dev", "STANDARD")
    eks.tag_resource(resourceArn=made["accessEntryArn"], tags={"b": "2"})
    assert eks.list_tags_for_resource(resourceArn=made["accessEntryArn"])["tags"] == {"a": "1", "b": "2"}
    eks.delete_access_entry(**named)
    assert refusal(eks.describe_access_entry, **named) == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"principalArn": "arn:aws:iam::123456789012:role/nobody"},
        {"principalArn": "arn:aws:sts::123456789012:assumed-role/dev/x"},
        {"username": "system:admin"},
        {"kubernetesGroups": ["system:masters"]},
        {"type": "EC2_LINUX", "username": "x"},
        {"type": "OTHER"},
    ],
)
def test_entry_that_makes_no_sense_is_refused(clients, eks, wrong):
    """A principal that is not there, names of the system's, types that do not take names."""
    arn = role(clients, "dev", "ec2.amazonaws.com")
    asked = {**NAMED, "principalArn": arn, **wrong}
    assert refusal(eks.create_access_entry, **asked) == ("InvalidParameterException", 400)


def test_policies_are_given_and_taken(clients, eks):
    """In namespaces or the cluster; an entry of nodes takes none, a policy that is none is refused."""
    named = {**NAMED, "principalArn": role(clients, "dev", "ec2.amazonaws.com")}
    eks.create_access_entry(**named)
    give = eks.associate_access_policy
    scope = {"type": "namespace", "namespaces": ["shop"]}
    told = give(**named, policyArn=VIEW, accessScope=scope)["associatedAccessPolicy"]
    assert told["accessScope"] == scope
    assert eks.list_access_entries(**NAMED, associatedPolicyArn=VIEW)["accessEntries"] == [named["principalArn"]]
    for wrong in (
        {"policyArn": VIEW + "X", "accessScope": scope},
        {"policyArn": VIEW, "accessScope": {"type": "namespace"}},
    ):
        assert refusal(give, **named, **wrong) == ("InvalidParameterException", 400)
    eks.disassociate_access_policy(**named, policyArn=VIEW)
    assert eks.list_associated_access_policies(**named)["associatedAccessPolicies"] == []
    assert refusal(eks.disassociate_access_policy, **named, policyArn=VIEW) == ("ResourceNotFoundException", 404)
    assert ADMIN in {policy["arn"] for policy in eks.list_access_policies()["accessPolicies"]}


def test_role_of_nodes_is_let_in_by_itself(clients, eks):
    """As nodes, with the groups that EKS sets."""
    told = nodes(clients, eks.subnets)
    named = {**NAMED, "principalArn": told["nodeRole"]}
    entry = eks.describe_access_entry(**named)["accessEntry"]
    assert (entry["type"], entry["kubernetesGroups"]) == ("EC2_LINUX", ["system:nodes"])
    wrong = refusal(eks.associate_access_policy, **named, policyArn=VIEW, accessScope={"type": "cluster"})
    assert wrong == ("InvalidRequestException", 400)


def test_entries_come_in_pages(clients, eks):
    """All pages together are the whole list."""
    for number in range(5):
        eks.create_access_entry(**NAMED, principalArn=role(clients, f"dev-{number}", "ec2.amazonaws.com"))
    first = eks.list_access_entries(**NAMED, maxResults=4)
    second = eks.list_access_entries(**NAMED, maxResults=4, nextToken=first["nextToken"])
    assert len(first["accessEntries"] + second["accessEntries"]) == 6
    assert "nextToken" not in second
    assert refusal(eks.list_access_entries, **NAMED, nextToken="x") == ("InvalidParameterException", 400)


def test_addon_lives_and_dies(clients, eks):
    """In a version that fits; updated, tagged, deleted."""
    named = {**NAMED, "addonName": "vpc-cni"}
    offered = eks.describe_addon_versions(addonName="vpc-cni", kubernetesVersion="1.34")["addons"][0]["addonVersions"]
    default = next(v["addonVersion"] for v in offered if v["compatibilities"][0]["defaultVersion"])
    made = eks.create_addon(**named)["addon"]
    assert (made["status"], made["addonVersion"]) == ("ACTIVE", default)
    assert refusal(eks.create_addon, **named) == ("ResourceInUseException", 409)
    update = eks.update_addon(**named, addonVersion=offered[0]["addonVersion"])["update"]
    assert (update["type"], update["status"]) == ("AddonUpdate", "Successful")
    assert eks.describe_addon(**named)["addon"]["addonVersion"] == offered[0]["addonVersion"]
    assert eks.list_updates(name="main", addonName="vpc-cni")["updateIds"] == [update["id"]]
    eks.tag_resource(resourceArn=made["addonArn"], tags={"a": "1"})
    assert eks.list_tags_for_resource(resourceArn=made["addonArn"])["tags"] == {"a": "1"}
    assert eks.list_addons(**NAMED)["addons"] == ["vpc-cni"]
    assert eks.delete_addon(**named)["addon"]["status"] == "DELETING"
    assert refusal(eks.describe_addon, **named) == ("ResourceNotFoundException", 404)


def test_addon_that_does_not_fit_is_refused(clients, eks):
    """A version of another Kubernetes version, an add-on that is none, a role that is not there."""
    create = eks.create_addon
    wrong = refusal(create, **NAMED, addonName="kube-proxy", addonVersion="v1.31.2-eksbuild.3")
    assert wrong == ("InvalidParameterException", 400)
    assert refusal(create, **NAMED, addonName="nothing") == ("InvalidParameterException", 400)
    missing = "arn:aws:iam::123456789012:role/nobody"
    wrong = refusal(create, **NAMED, addonName="vpc-cni", serviceAccountRoleArn=missing)
    assert wrong == ("InvalidParameterException", 400)


def test_addon_that_needs_nodes_is_degraded_without_any(clients, eks):
    """With nodes it is active."""
    made = eks.create_addon(**NAMED, addonName="coredns")["addon"]
    assert made["status"] == "DEGRADED"
    assert made["health"]["issues"][0]["code"] == "InsufficientNumberOfReplicas"
    nodes(clients, eks.subnets)
    assert eks.describe_addon(**NAMED, addonName="coredns")["addon"]["status"] == "ACTIVE"


def test_addon_takes_its_time(clock):
    """CREATING, then ACTIVE; an update meanwhile is refused."""
    world = World(4, clock, provisioning="real")
    clients = Clients(world)
    cluster(clients)
    eks, named = clients("eks"), {**NAMED, "addonName": "kube-proxy"}
    assert refusal(eks.create_addon, **named) == ("InvalidRequestException", 400)
    clock.advance(721)
    assert eks.create_addon(**named)["addon"]["status"] == "CREATING"
    assert refusal(eks.update_addon, **named) == ("ResourceInUseException", 409)
    clock.advance(61)
    assert eks.describe_addon(**named)["addon"]["status"] == "ACTIVE"
    world.close()


def test_every_cluster_has_its_own_endpoint_and_issuer(clients, eks):
    """Both are drawn from the world's seed in the call that makes it, not once for all by chance."""
    asked = {
        "roleArn": role(clients, "other", "eks.amazonaws.com"),
        "resourcesVpcConfig": {"subnetIds": list(eks.subnets.values())},
    }
    eks.create_cluster(name="other", **asked)
    told = [eks.describe_cluster(name=name)["cluster"] for name in ("main", "other")]
    words = [cluster["identity"]["oidc"]["issuer"].rpartition("/")[2] for cluster in told]
    assert len(set(words)) == 2
    for cluster_told, word in zip(told, words, strict=True):
        assert cluster_told["endpoint"] == f"https://{word}.gr7.us-east-1.eks.amazonaws.com"
