"""What a topology holds, counted by kind."""

from twin.semantics.network.topology import Topology

KINDS = {
    "VPCs": "vpcs",
    "subnets": "subnets",
    "route tables": "route_tables",
    "network ACLs": "acls",
    "security groups": "groups",
    "internet gateways": "internet_gateways",
    "NAT gateways": "nat_gateways",
    "VPC endpoints": "endpoints",
    "peerings": "peerings",
    "transit gateways": "transit_gateways",
    "transit gateway attachments": "attachments",
    "transit gateway route tables": "transit_tables",
    "VPN gateways": "vpn_gateways",
    "VPN connections": "vpn_connections",
    "load balancers": "load_balancers",
    "instances": "instances",
    "interfaces": "interfaces",
    "Auto Scaling groups": "fleets",
    "databases": "databases",
    "clusters": "clusters",
    "functions in a VPC": "functions",
    "DNS records": "records",
}


def counts(topology: Topology) -> dict[str, int]:
    """Return how many there are of each kind that is there at all."""
    found = {kind: len(getattr(topology, member)) for kind, member in KINDS.items()}
    return {kind: number for kind, number in found.items() if number}
