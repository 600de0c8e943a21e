"""A topology becomes a picture: org, account, VPC, zone, subnet, resource."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from twin.analysis.exposure.places import is_public, zone_of
from twin.analysis.passage.passages import View
from twin.report.picture.boxes import Box, Picture
from twin.report.picture.lines import lines
from twin.report.picture.things import Things
from twin.semantics.network.topology import Subnet, Vpc

NOWHERE = "zone unknown"
EVERYWHERE = ("0.0.0.0/0", "::/0")


def picture(view: View, title: str = "org") -> Picture:
    """Draw a topology; VPCs in which nothing stands are one box without an inside."""
    things = Things(view)
    accounts: dict[str, list[Vpc]] = defaultdict(list)
    for vpc in view.topology.vpcs.values():
        accounts[vpc.account].append(vpc)
    inside = [Box("outside", "strip", "", inside=tuple(things.outside()), way="row")]
    for account, vpcs in sorted(accounts.items()):
        inside.append(_account(things, account, vpcs))
    shared = tuple(things.shared())
    if shared:
        inside.append(Box("shared", "strip", "", inside=shared, way="row"))
    root = Box("org", "org", title, inside=tuple(inside), way="column")
    return Picture(root, tuple(lines(view, things.homes)), things.homes)


def _account(things: Things, account: str, vpcs: Iterable[Vpc]) -> Box:
    drawn = sorted((_vpc(things, one) for one in vpcs), key=lambda box: (not box.inside, box.title, box.id))
    full = [one for one in drawn if one.inside]
    empty = tuple(one for one in drawn if not one.inside)
    rest = (Box(f"empty of {account}", "strip", "", inside=empty, way="row"),) if empty else ()
    return Box(f"account {account}", "account", f"account {account or 'unknown'}", "", (*full, *rest), "column")


def _vpc(things: Things, vpc: Vpc) -> Box:
    topology = things.view.topology
    things.homes[vpc.id] = vpc.id
    title = topology.names.get(vpc.id, vpc.id)
    blocks = ", ".join(str(one) for one in vpc.cidrs[:2])
    subnets = [one for one in topology.subnets.values() if one.vpc == vpc.id]
    front = tuple(things.front(vpc))
    held = {one.subnet for one in topology.interfaces.values()}
    if not any(one.id in held for one in subnets):
        things.homes.update((one.id, vpc.id) for one in subnets)
        things.homes.update((one.id, vpc.id) for one in front)
        named = vpc.id in topology.names
        return Box(vpc.id, "vpc", title if named else blocks, f"{blocks}, nothing in it" if named else "nothing in it")
    strip = (Box(f"front of {vpc.id}", "strip", "", inside=front, way="row"),) if front else ()
    zones = Box(f"zones of {vpc.id}", "strip", "", inside=tuple(_zones(things, vpc, subnets)), way="zones")
    region = f" {vpc.region}" if vpc.region else ""
    return Box(vpc.id, "vpc", f"VPC {title} {blocks}{region}", "", (*strip, zones), "column")


def _zones(things: Things, vpc: Vpc, subnets: Iterable[Subnet]) -> Iterator[Box]:
    found: dict[str, list[Subnet]] = defaultdict(list)
    for one in subnets:
        found[zone_of(things.view, one.id) or NOWHERE].append(one)
    for zone, mine in sorted(found.items()):
        ordered = sorted(mine, key=lambda one: _order(things.view, one))
        inside = tuple(_subnet(things, one) for one in ordered)
        yield Box(f"{vpc.id}/{zone}", "zone", zone, inside=inside, way="column")


def _order(view: View, subnet: Subnet) -> tuple[bool, bool, str]:
    """Put public subnets first, isolated ones last, so that the rows of all zones are alike."""
    table = view.index.route_table(subnet.id)
    leads = any(route.active and route.label in EVERYWHERE for route in table.routes) if table else False
    return not is_public(view, subnet.id), not leads, view.topology.names.get(subnet.id, str(subnet.cidrs[:1]))


def _subnet(things: Things, subnet: Subnet) -> Box:
    things.homes[subnet.id] = subnet.id
    name = things.view.topology.names.get(subnet.id, subnet.id)
    public = "public" if is_public(things.view, subnet.id) else "private"
    block = next((str(one) for one in subnet.cidrs), "")
    return Box(subnet.id, f"subnet {public}", f"{name} {block}", "", tuple(things.within(subnet)), "grid")
