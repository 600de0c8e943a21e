"""Route 53 hosted zones, public and private."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.quota import beyond
from twin.resources.aws.tags import Tags
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags, unmark, user_tags

BATCH = 10
"""How many resources one ListTagsForResources takes."""
LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
NAME = re.compile(rf"(?:{LABEL}\.)*{LABEL}")


class HostedZone(Resource):
    """A hosted zone. Its owner stands in its comment, which CreateHostedZone writes and ListHostedZones tells."""

    TYPE: ClassVar[str] = "aws.route53.zone"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "name_servers")

    name: Annotated[str, IMMUTABLE] = Field(description="The domain, as in example.com")
    private: Annotated[bool, IMMUTABLE] = Field(default=False, description="Whether it answers inside its VPCs only")
    vpcs: Annotated[list[str], RefTo("aws.ec2.vpc"), UNORDERED] = Field(
        default_factory=list, description="private: the ids of the VPCs in which it answers"
    )
    comment: str = ""
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all zones with one ListHostedZones; the name servers, VPCs and tags of ours."""
        items = yield from zones()
        ours = [i for i, item in items.items() if scope.marked(_comment(item)) or i in wanted.ids]
        tags = yield from tags_by_id("hostedzone", ours)
        found = []
        for id_, item in items.items():
            fields: dict[str, Any] = {
                "name": bare(item["Name"]),
                "private": item["Config"]["PrivateZone"],
                "comment": unmark(_comment(item)),
            }
            servers: list[str] = []
            if id_ in tags:
                reply = yield aws("route53", "GetHostedZone", {"Id": id_})
                servers = _servers(reply)
                fields |= {"vpcs": sorted(v["VPCId"] for v in reply.get("VPCs", ())), "tags": user_tags(tags[id_])}
            owner, other = scope.marked(_comment(item)), scope.marked_by_other(_comment(item))
            found.append(Observed(id_, fields, _outputs(scope, id_, servers), owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the zone, let its further VPCs in, and tag it."""
        comment = {"Comment": scope.mark(address, self.comment), "PrivateZone": self.private}
        reply = yield aws(
            "route53",
            "CreateHostedZone",
            {
                "Name": self.name,
                "CallerReference": f"{scope.owner}/{address}/{self.name}"[:128],
                "HostedZoneConfig": comment,
                "VPC": _vpc(scope, self.vpcs[0]) if self.vpcs else None,
            },
        )
        id_ = _short(reply["HostedZone"]["Id"])
        for vpc in self.vpcs[1:]:
            yield _associate("AssociateVPCWithHostedZone", scope, id_, vpc)
        if self.tags:
            yield tag("hostedzone", id_, self.tags, ())
        return _outputs(scope, id_, [] if self.private else _servers(reply))

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the comment with its mark, the VPCs and the tags."""
        if changed & {"comment", "owner"}:
            params = {"Id": observed.id, "Comment": scope.mark(address, self.comment)}
            yield aws("route53", "UpdateHostedZoneComment", params)
        if "vpcs" in changed:
            wanted, present = set(self.vpcs), set(observed.fields["vpcs"])
            for vpc in sorted(wanted - present):
                yield _associate("AssociateVPCWithHostedZone", scope, observed.id, vpc)
            for vpc in sorted(present - wanted):
                yield _associate("DisassociateVPCFromHostedZone", scope, observed.id, vpc)
        if "tags" in changed:
            yield tag("hostedzone", observed.id, self.tags, observed.fields["tags"])

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the zone, which has no records left but its own NS and SOA."""
        yield aws("route53", "DeleteHostedZone", {"Id": observed.id}, absent=("NoSuchHostedZone",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name is a domain; a private zone has a VPC with DNS, a public one none."""
        if not unknown(self.name) and not is_domain(self.name):
            yield Problem("TW0430", f"{self.name!r} is no domain name", "name")
        if self.private and not self.vpcs:
            yield Problem("TW0430", "a private zone needs a VPC in which it answers", "vpcs")
        if not self.private and self.vpcs:
            yield Problem("TW0430", "a public zone has no VPCs", "vpcs", "make it private, or leave the VPCs out")
        for vpc in self.vpcs:
            found = peers.get(vpc)
            if found is not None and not (
                getattr(found, "dns_support", True) and getattr(found, "dns_hostnames", True)
            ):
                yield Problem("TW0410", "a private zone needs its VPC's dns_support and dns_hostnames", "vpcs")
        limit = facts("network")["zone_comment_characters"]
        if len(peers.scope.mark(address, self.comment)) > limit:
            yield Problem("TW0430", f"the comment with our mark has more than {limit} characters", "comment")
        yield from beyond(
            facts("network")["hosted_zones_per_account"],
            address,
            peers.of(self.TYPE),
            what="the account's hosted zones",
        )


def is_domain(name: str) -> bool:
    """Tell whether a text is a domain name, with or without its last dot."""
    return bool(NAME.fullmatch(bare(name))) and len(bare(name)) <= 253


def bare(name: str) -> str:
    """Return a domain name without its last dot, `*` written out, as the spec writes it."""
    return name.rstrip(".").replace("\\052", "*")


def zones() -> Steps[dict[str, dict[str, Any]]]:
    """Read all hosted zones by id."""
    reply = yield aws("route53", "ListHostedZones", pages=True)
    return {_short(item["Id"]): item for item in reply.get("HostedZones") or ()}


def ours(scope: Scope, items: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the ids of the zones that carry our mark."""
    return [id_ for id_, item in items.items() if scope.marked(_comment(item))]


def tags_by_id(kind: str, ids: list[str]) -> Steps[dict[str, Tags]]:
    """Read the tags of zones (`hostedzone`) or health checks (`healthcheck`), ten in a call."""
    found: dict[str, Tags] = {}
    for start in range(0, len(ids), BATCH):
        params = {"ResourceType": kind, "ResourceIds": ids[start : start + BATCH]}
        reply = yield aws("route53", "ListTagsForResources", params)
        found |= {item["ResourceId"]: plain_tags(item["Tags"]) for item in reply["ResourceTagSets"]}
    return found


def tag(kind: str, id_: str, tags: Mapping[str, str], old: Iterable[str]) -> Call:
    """Make the call that brings tags to the wanted ones."""
    added = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    gone = sorted(set(old) - set(tags))
    params = {"ResourceType": kind, "ResourceId": id_, "AddTags": added or None, "RemoveTagKeys": gone or None}
    return aws("route53", "ChangeTagsForResource", params)


def _outputs(scope: Scope, id_: str, servers: list[str]) -> dict[str, Any]:
    arn = scope.arn("route53", f"hostedzone/{id_}", region="", account="")
    return {"id": id_, "arn": arn, "name_servers": servers}


def _servers(reply: Any) -> list[str]:
    """Return the name servers of a public zone, in the order in which Route 53 tells them."""
    return list(reply.get("DelegationSet", {}).get("NameServers", ()))


def _comment(item: Mapping[str, Any]) -> str:
    return str(item.get("Config", {}).get("Comment", ""))


def _short(id_: str) -> str:
    return id_.removeprefix("/hostedzone/")


def _vpc(scope: Scope, id_: str) -> dict[str, str]:
    return {"VPCRegion": scope.region, "VPCId": id_}


def _associate(operation: str, scope: Scope, zone: str, vpc: str) -> Call:
    return aws("route53", operation, {"HostedZoneId": zone, "VPC": _vpc(scope, vpc)})
