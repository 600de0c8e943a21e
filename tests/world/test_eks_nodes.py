"""EKS clusters and node groups: nodes are instances, sizes are the group's, states take their time."""

import pytest
from clusters import cluster, nodes
from groups import ZONES
from mounted import Clients
from refused import refusal

from twin.world.world import World

A, B, C = ZONES


@pytest.fixture
def made(clients):
    """The subnets of a cluster with a node group of three."""
    subnets, _ = cluster(clients)
    nodes(clients, subnets, instanceTypes=["t3.large", "t3a.large"])
    return subnets


def nodegroup(clients, name="general"):
    """What DescribeNodegroup tells."""
    return clients("eks").describe_nodegroup(clusterName="main", nodegroupName=name)["nodegroup"]


def instances(clients):
    """The instances that are not terminated, as EC2 tells them."""
    found = [i for r in clients("ec2").describe_instances()["Reservations"] for i in r["Instances"]]
    return [i for i in found if i["State"]["Name"] not in ("terminated", "shutting-down")]


def test_nodes_are_instances_with_eks_tags(clients, made):
    """One in each zone, of the first type, in the cluster's security group, with the role's profile."""
    told = nodegroup(clients)
    assert (told["status"], told["version"], "remoteAccess" in told) == ("ACTIVE", "1.34", False)
    [group] = clients("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert told["resources"] == {"autoScalingGroups": [{"name": group["AutoScalingGroupName"]}]}
    assert group["AutoScalingGroupName"].startswith("eks-general-")
    found = instances(clients)
    assert sorted(i["Placement"]["AvailabilityZone"] for i in found) == [A, B, C]
    assert {i["InstanceType"] for i in found} == {"t3.large"}
    network = clients("eks").describe_cluster(name="main")["cluster"]["resourcesVpcConfig"]
    assert {g["GroupId"] for i in found for g in i["SecurityGroups"]} == {network["clusterSecurityGroupId"]}
    for instance in found:
        tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
        assert tags["eks:cluster-name"] == "main"
        assert tags["eks:nodegroup-name"] == "general"
        assert tags["kubernetes.io/cluster/main"] == "owned"


def test_services_do_it_in_their_name(clients, made, world):
    """EKS makes the group, Auto Scaling launches."""
    by = {
        name: {event["userIdentity"]["invokedBy"] for event in world.evidence.events(name=name)}
        for name in ("CreateAutoScalingGroup", "RunInstances")
    }
    assert by == {"CreateAutoScalingGroup": {"eks.amazonaws.com"}, "RunInstances": {"autoscaling.amazonaws.com"}}


def test_sizes_are_the_groups(clients, made):
    """A change of the node group launches and terminates; sizes out of order are refused."""
    eks = clients("eks")
    named = {"clusterName": "main", "nodegroupName": "general"}
    update = eks.update_nodegroup_config(**named, scalingConfig={"minSize": 1, "maxSize": 6, "desiredSize": 5})[
        "update"
    ]
    assert (update["type"], update["status"]) == ("ConfigUpdate", "Successful")
    assert len(instances(clients)) == 5
    eks.update_nodegroup_config(**named, scalingConfig={"desiredSize": 2})
    assert len(instances(clients)) == 2
    wrong = refusal(eks.update_nodegroup_config, **named, scalingConfig={"desiredSize": 7})
    assert wrong == ("InvalidParameterException", 400)
    listed = eks.list_updates(name="main", nodegroupName="general")["updateIds"]
    assert listed[0] == update["id"]
    assert len(listed) == 2
    assert eks.describe_update(name="main", nodegroupName="general", updateId=update["id"])["update"] == update
    assert refusal(eks.describe_update, name="main", updateId=update["id"]) == ("ResourceNotFoundException", 404)


def test_deleted_node_group_takes_everything_with_it(clients, made):
    """Instances, group, template, profile; then the cluster with its security group."""
    eks, ec2 = clients("eks"), clients("ec2")
    assert refusal(eks.delete_cluster, name="main") == ("ResourceInUseException", 409)
    assert eks.delete_nodegroup(clusterName="main", nodegroupName="general")["nodegroup"]["status"] == "DELETING"
    assert instances(clients) == []
    assert clients("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert ec2.describe_launch_templates()["LaunchTemplates"] == []
    assert clients("iam").list_instance_profiles()["InstanceProfiles"] == []
    clients("iam").delete_role(RoleName="general-node")
    assert eks.delete_cluster(name="main")["cluster"]["status"] == "DELETING"
    assert eks.list_clusters()["clusters"] == []
    names = {group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    assert not any(name.startswith("eks-cluster-sg") for name in names)


def test_lost_node_is_replaced(clients, made, world, clock):
    """As any member of a group; in another zone while its own is lost."""
    before = {i["InstanceId"] for i in instances(clients) if i["Placement"]["AvailabilityZone"] == A}
    world.scene.break_("zone", A)
    clock.advance(3600)
    found = instances(clients)
    assert len(found) == 3
    assert not before & {i["InstanceId"] for i in found}
    assert {i["Placement"]["AvailabilityZone"] for i in found} == {B, C}


def test_node_group_without_instances_fails(clients, world):
    """No zone has capacity: CREATE_FAILED with the reason."""
    subnets, _ = cluster(clients)
    for zone in ZONES:
        world.scene.break_("capacity", zone)
    nodes(clients, subnets)
    told = nodegroup(clients)
    assert told["status"] == "CREATE_FAILED"
    assert [issue["code"] for issue in told["health"]["issues"]] == ["AsgInstanceLaunchFailures"]


def test_states_take_their_time(clock):
    """CREATING, ACTIVE, UPDATING, DELETING where creation takes time; what needs an active cluster is refused."""
    world = World(4, clock, provisioning="real")
    clients = Clients(world)
    eks = clients("eks")
    subnets, told = cluster(clients, version="1.33")
    assert told["status"] == "CREATING"
    assert refusal(nodes, clients, subnets) == ("InvalidRequestException", 400)
    clock.advance(721)
    assert eks.describe_cluster(name="main")["cluster"]["status"] == "ACTIVE"
    assert nodes(clients, subnets, name="slow")["status"] == "CREATING"
    clock.advance(181)
    assert nodegroup(clients, "slow")["status"] == "ACTIVE"
    update = eks.update_cluster_version(name="main", version="1.34")["update"]
    told = eks.describe_cluster(name="main")["cluster"]
    assert (update["status"], told["status"], told["version"]) == ("InProgress", "UPDATING", "1.33")
    assert refusal(eks.update_cluster_version, name="main", version="1.34") == ("ResourceInUseException", 409)
    clock.advance(901)
    told = eks.describe_cluster(name="main")["cluster"]
    assert (told["status"], told["version"]) == ("ACTIVE", "1.34")
    assert eks.describe_update(name="main", updateId=update["id"])["update"]["status"] == "Successful"
    eks.delete_nodegroup(clusterName="main", nodegroupName="slow")
    assert nodegroup(clients, "slow")["status"] == "DELETING"
    assert refusal(eks.delete_cluster, name="main") == ("ResourceInUseException", 409)
    clock.advance(421)
    eks.delete_cluster(name="main")
    assert eks.describe_cluster(name="main")["cluster"]["status"] == "DELETING"
    clock.advance(301)
    assert refusal(eks.describe_cluster, name="main") == ("ResourceNotFoundException", 404)
    world.close()


def test_settings_that_a_change_does_not_name_stay(clients, made):
    """Endpoint access keeps the subnets, one log type keeps the others."""
    eks = clients("eks")
    before = eks.describe_cluster(name="main")["cluster"]["resourcesVpcConfig"]
    access = {"endpointPublicAccess": False, "endpointPrivateAccess": True}
    update = eks.update_cluster_config(name="main", resourcesVpcConfig=access)["update"]
    assert update["type"] == "EndpointAccessUpdate"
    assert eks.describe_cluster(name="main")["cluster"]["resourcesVpcConfig"] == {**before, **access}
    for kind in ("api", "audit"):
        eks.update_cluster_config(name="main", logging={"clusterLogging": [{"types": [kind], "enabled": True}]})
    told = eks.describe_cluster(name="main")["cluster"]["logging"]["clusterLogging"]
    assert next(sorted(entry["types"]) for entry in told if entry["enabled"]) == ["api", "audit"]


def test_node_group_moves_to_its_clusters_version_node_by_node(clients, world, clock):
    """Nodes are replaced while most stay; then it is active in the new version, and the update is told to be done."""
    subnets, _ = cluster(clients, version="1.33")
    nodes(clients, subnets)
    eks = clients("eks")
    named = {"clusterName": "main", "nodegroupName": "general"}
    before = {i["InstanceId"] for i in instances(clients)}
    assert refusal(eks.update_nodegroup_version, **named, version="1.34") == ("InvalidParameterException", 400)
    eks.update_cluster_version(name="main", version="1.34")
    update = eks.update_nodegroup_version(**named)["update"]
    assert (update["type"], update["status"], nodegroup(clients)["status"]) == (
        "VersionUpdate",
        "InProgress",
        "UPDATING",
    )
    assert len(before & {i["InstanceId"] for i in instances(clients)}) == 2
    assert refusal(eks.update_nodegroup_version, **named) == ("ResourceInUseException", 409)
    clock.advance(600)
    told = nodegroup(clients)
    assert (told["status"], told["version"]) == ("ACTIVE", "1.34")
    assert (
        eks.describe_update(name="main", nodegroupName="general", updateId=update["id"])["update"]["status"]
        == "Successful"
    )
    assert not before & {i["InstanceId"] for i in instances(clients)}
    assert len(instances(clients)) == 3


def test_cluster_does_not_leave_its_nodes_too_far_behind(clients):
    """Three minor versions, not four."""
    subnets, _ = cluster(clients, version="1.31")
    nodes(clients, subnets)
    eks = clients("eks")
    for version in ("1.32", "1.33", "1.34"):
        eks.update_cluster_version(name="main", version=version)
    assert refusal(eks.update_cluster_version, name="main", version="1.35") == ("InvalidParameterException", 400)
