"""The read-only calls that tell a network: one per kind, and those that ask about each object of another's reply."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Read:
    """One call without parameters; `name` names its file."""

    name: str
    service: str
    operation: str
    key: str
    """The top-level member of its reply."""


@dataclass(frozen=True, slots=True)
class Each:
    """A call about each object of a reply: `parent` is that reply's key, `member` the id which it gives as `param`.

    The id stands beside the reply's list, as the reply does not say what it is about. Without `member` the parent is a
    list of names.
    """

    name: str
    service: str
    operation: str
    key: str
    parent: str
    param: str
    member: str = ""
    wrapped: bool = False
    """Whether the parameter takes a list."""


def _ec2(operation: str, key: str) -> Read:
    return Read(operation, "ec2", operation, key)


READS = (
    _ec2("DescribeVpcs", "Vpcs"),
    _ec2("DescribeSubnets", "Subnets"),
    _ec2("DescribeRouteTables", "RouteTables"),
    _ec2("DescribeNetworkAcls", "NetworkAcls"),
    _ec2("DescribeSecurityGroups", "SecurityGroups"),
    _ec2("DescribeInstances", "Reservations"),
    _ec2("DescribeNetworkInterfaces", "NetworkInterfaces"),
    _ec2("DescribeAddresses", "Addresses"),
    _ec2("DescribeInternetGateways", "InternetGateways"),
    _ec2("DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways"),
    _ec2("DescribeNatGateways", "NatGateways"),
    _ec2("DescribeVpcEndpoints", "VpcEndpoints"),
    _ec2("DescribeVpcPeeringConnections", "VpcPeeringConnections"),
    _ec2("DescribeTransitGateways", "TransitGateways"),
    _ec2("DescribeTransitGatewayAttachments", "TransitGatewayAttachments"),
    _ec2("DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments"),
    _ec2("DescribeTransitGatewayPeeringAttachments", "TransitGatewayPeeringAttachments"),
    _ec2("DescribeTransitGatewayRouteTables", "TransitGatewayRouteTables"),
    _ec2("DescribeVpnGateways", "VpnGateways"),
    _ec2("DescribeVpnConnections", "VpnConnections"),
    _ec2("DescribeManagedPrefixLists", "PrefixLists"),
    Read("DescribeLoadBalancers", "elbv2", "DescribeLoadBalancers", "LoadBalancers"),
    Read("DescribeTargetGroups", "elbv2", "DescribeTargetGroups", "TargetGroups"),
    Read("DescribeAutoScalingGroups", "autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"),
    Read("DescribeDBInstances", "rds", "DescribeDBInstances", "DBInstances"),
    Read("DescribeDBClusters", "rds", "DescribeDBClusters", "DBClusters"),
    Read("DescribeDBSubnetGroups", "rds", "DescribeDBSubnetGroups", "DBSubnetGroups"),
    Read("ListClusters", "eks", "ListClusters", "clusters"),
    Read("ListFunctions", "lambda", "ListFunctions", "Functions"),
)
EACH = (
    Each("SearchTransitGatewayRoutes", "ec2", "SearchTransitGatewayRoutes", "Routes",
         "TransitGatewayRouteTables", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
    Each("GetTransitGatewayRouteTablePropagations", "ec2", "GetTransitGatewayRouteTablePropagations",
         "TransitGatewayRouteTablePropagations", "TransitGatewayRouteTables", "TransitGatewayRouteTableId",
         "TransitGatewayRouteTableId"),
    Each("GetTransitGatewayRouteTableAssociations", "ec2", "GetTransitGatewayRouteTableAssociations", "Associations",
         "TransitGatewayRouteTables", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
    Each("GetManagedPrefixListEntries", "ec2", "GetManagedPrefixListEntries", "Entries",
         "PrefixLists", "PrefixListId", "PrefixListId"),
    Each("DescribeListeners", "elbv2", "DescribeListeners", "Listeners",
         "LoadBalancers", "LoadBalancerArn", "LoadBalancerArn"),
    Each("DescribeRules", "elbv2", "DescribeRules", "Rules", "Listeners", "ListenerArn", "ListenerArn"),
    Each("DescribeTargetHealth", "elbv2", "DescribeTargetHealth", "TargetHealthDescriptions",
         "TargetGroups", "TargetGroupArn", "TargetGroupArn"),
    Each("DescribeTargetGroupAttributes", "elbv2", "DescribeTargetGroupAttributes", "Attributes",
         "TargetGroups", "TargetGroupArn", "TargetGroupArn"),
    Each("DescribeLoadBalancerAttributes", "elbv2", "DescribeLoadBalancerAttributes", "Attributes",
         "LoadBalancers", "LoadBalancerArn", "LoadBalancerArn"),
    Each("DescribeCluster", "eks", "DescribeCluster", "cluster", "clusters", "name"),
    Each("ListNodegroups", "eks", "ListNodegroups", "nodegroups", "clusters", "clusterName"),
)  # fmt: skip
"""In this order: the objects of one reply may be the parents of the next."""
EVERY_ROUTE = {"Filters": [{"Name": "state", "Values": ["active", "blackhole"]}]}
"""What a search of transit gateway routes must be given, and leaves out none."""
