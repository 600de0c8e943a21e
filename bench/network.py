"""Works out all pairs of interfaces that can reach each other, in orgs of several sizes.

    python bench/network.py [--sizes 1000,10000] [--json]

The org: one VPC per 200 interfaces in three zones, nine subnets each with public and private tables and an ACL
for the databases, all VPCs on one transit gateway, five security groups per VPC that refer to each other. Goals: 1,000
interfaces in 1 s, 10,000 in 15 s.
"""

import argparse
import json
import sys
import time
from ipaddress import ip_address, ip_network

from twin.semantics.network.reach import reach
from twin.semantics.network.topology import (
    AclEntry,
    Held,
    Interface,
    InternetGateway,
    Match,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Topology,
    Vpc,
)
from twin.semantics.network.transit import Attachment, TransitGateway, TransitRoute, TransitTable

GOALS = {1000: 1.0, 10000: 15.0}
PER_VPC = 200
TIERS = ("web", "app", "db")
ANYWHERE = (ip_network("0.0.0.0/0"),)


def tcp(port: int) -> Match:
    return Match(6, (port, port))


def groups(vpc: str) -> list[SecurityGroup]:
    out = (Permission(Match(), ANYWHERE),)
    inside = (ip_network("10.0.0.0/8"),)
    return [
        SecurityGroup(f"{vpc}-web", vpc, (Permission(tcp(443), ANYWHERE),), out),
        SecurityGroup(f"{vpc}-app", vpc, (Permission(tcp(8080), groups=(f"{vpc}-web",)),), out),
        SecurityGroup(f"{vpc}-db", vpc, (Permission(tcp(5432), groups=(f"{vpc}-app",)),), ()),
        SecurityGroup(f"{vpc}-ops", vpc, (Permission(tcp(22), inside), Permission(Match(1, (8, None)), inside)), out),
        SecurityGroup(f"{vpc}-mon", vpc, (Permission(tcp(9100), inside),), (Permission(tcp(9100), inside),)),
    ]


def acls(vpc: str, cidr: str) -> list[NetworkAcl]:
    everything = [AclEntry(100, way, True, Match(), ANYWHERE[0]) for way in (True, False)]
    whole, high = ip_network(cidr), Match(6, (1024, 65535))
    guarded = [AclEntry(100, False, True, tcp(5432), whole), AclEntry(110, False, True, high, whole),
               AclEntry(100, True, True, high, whole)]  # fmt: skip
    subnets = tuple(f"{vpc}-db-{zone}" for zone in "abc")
    return [NetworkAcl(f"{vpc}-open", vpc, tuple(everything), (), True),
            NetworkAcl(f"{vpc}-guard", vpc, tuple(guarded), subnets)]  # fmt: skip


def org(size: int) -> Topology:
    found: dict[str, list] = {name: [] for name in Topology.__dataclass_fields__}
    transit = []
    for number in range(-(-size // PER_VPC)):
        vpc, cidr = f"vpc-{number}", f"10.{number}.0.0/16"
        found["vpcs"].append(Vpc(vpc, (ip_network(cidr),)))
        found["groups"] += groups(vpc)
        found["acls"] += acls(vpc, cidr)
        found["internet_gateways"].append(InternetGateway(f"igw-{number}", (vpc,)))
        local = Route((ip_network(cidr),), "local", "local")
        tgw = Route((ip_network("10.0.0.0/8"),), "tgw-1")
        public = (local, tgw, Route(ANYWHERE, f"igw-{number}"))
        web = tuple(f"{vpc}-web-{zone}" for zone in "abc")
        found["route_tables"] += [RouteTable(f"{vpc}-public", vpc, public, web),
                                  RouteTable(f"{vpc}-private", vpc, (local, tgw), main=True)]  # fmt: skip
        for row, tier in enumerate(TIERS):
            for column, zone in enumerate("abc"):
                block = ip_network(f"10.{number}.{row * 3 + column}.0/24")
                found["subnets"].append(Subnet(f"{vpc}-{tier}-{zone}", vpc, (block,), zone))
        attached = tuple(f"{vpc}-app-{zone}" for zone in "abc")
        found["attachments"].append(Attachment(f"att-{number}", "tgw-1", "vpc", vpc, "rtb-1", attached))
        transit.append(TransitRoute(ip_network(cidr), (f"att-{number}",), propagated=True))
        for one in range(min(PER_VPC, size - number * PER_VPC)):
            found["interfaces"].append(interface(vpc, number, one))
    found["transit_gateways"].append(TransitGateway("tgw-1", "rtb-1"))
    found["transit_tables"].append(TransitTable("rtb-1", "tgw-1", tuple(transit)))
    return Topology(**{name: {one.id: one for one in listed} for name, listed in found.items() if name != "notes"})


def interface(vpc: str, number: int, one: int) -> Interface:
    row, column = one % 3, one // 3 % 3
    subnet = f"{vpc}-{TIERS[row]}-{'abc'[column]}"
    address = ip_address(f"10.{number}.{row * 3 + column}.{10 + one // 9}")
    extra = (f"{vpc}-ops",) if one % 2 else (f"{vpc}-mon",)
    return Interface(f"eni-{number}-{one}", vpc, subnet, (Held(address),), (f"{vpc}-{TIERS[row]}", *extra))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    results = []
    for size in (int(text) for text in chosen.sizes.split(",")):
        topology = org(size)
        begun = time.perf_counter()
        matrix = reach(topology)
        took = time.perf_counter() - begun
        results.append(
            {"interfaces": size, "seconds": round(took, 3), "pairs": matrix.count(), "goal": GOALS.get(size)}
        )
    if chosen.json:
        print(json.dumps(results))
    else:
        for one in results:
            took, pairs, goal = (one[name] for name in ("seconds", "pairs", "goal"))
            print(f"{one['interfaces']:>6} interfaces  {took:>7.3f} s  {pairs:>10} pairs  goal {goal}")
    return int(any(one["goal"] is not None and one["seconds"] > one["goal"] for one in results))


if __name__ == "__main__":
    sys.exit(main())
