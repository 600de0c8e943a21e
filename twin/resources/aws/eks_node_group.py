"""EKS managed node groups."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.eks import GONE
from twin.resources.aws.limits import matches, one_of
from twin.resources.aws.policy_document import untrusting
from twin.resources.aws.tagging import EKS
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags


class NodeGroup(Resource):
    """Instances that join a cluster, kept by EKS in an Auto Scaling group."""

    TYPE: ClassVar[str] = "aws.eks.node_group"
    KEY: ClassVar[tuple[str, ...]] = ("cluster", "name")
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    cluster: Annotated[str, RefTo("aws.eks.cluster"), IMMUTABLE] = Field(description="Id (name) of the cluster")
    name: Annotated[str, IMMUTABLE]
    role: Annotated[str, RefTo("aws.iam.role"), IMMUTABLE] = Field(description="ARN of the nodes' role")
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED, IMMUTABLE] = Field(description="Ids of subnets")
    instance_types: Annotated[list[str], IMMUTABLE] = Field(description="In order of preference")
    ami_type: Annotated[str, IMMUTABLE] = "AL2023_x86_64_STANDARD"
    capacity_type: Annotated[Literal["ON_DEMAND", "SPOT"], IMMUTABLE] = "ON_DEMAND"
    disk_size: Annotated[int, IMMUTABLE] = Field(20, description="GiB")
    min_size: int
    desired_size: int
    max_size: int
    labels: dict[str, str] = Field(default_factory=dict, description="Kubernetes labels of the nodes")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the node groups of every cluster; EKS lists names only, a DescribeNodegroup each tells the rest."""
        clusters = (yield aws("eks", "ListClusters", pages=True))["clusters"]
        found = []
        for cluster in clusters:
            listed = yield aws("eks", "ListNodegroups", {"clusterName": cluster}, pages=True, absent=GONE)
            for name in (listed or {}).get("nodegroups", ()):
                params = {"clusterName": cluster, "nodegroupName": name}
                reply = yield aws("eks", "DescribeNodegroup", params, absent=GONE)
                if reply is not None and reply["nodegroup"]["status"] != "DELETING":
                    found.append(cls._observed(scope, reply["nodegroup"]))
        return found

    @classmethod
    def _observed(cls, scope: Scope, item: Mapping[str, Any]) -> Observed:
        tags, size = item.get("tags") or {}, item["scalingConfig"]
        id_ = f"{item['clusterName']}/{item['nodegroupName']}"
        return Observed(
            id=id_,
            fields={
                "cluster": item["clusterName"],
                "name": item["nodegroupName"],
                "role": item["nodeRole"],
                "subnets": item["subnets"],
                "instance_types": item.get("instanceTypes"),
                "ami_type": item.get("amiType"),
                "capacity_type": item.get("capacityType"),
                "disk_size": item.get("diskSize"),
                "min_size": size["minSize"],
                "desired_size": size["desiredSize"],
                "max_size": size["maxSize"],
                "labels": item.get("labels") or {},
                "tags": user_tags(tags),
            },
            outputs={"id": id_, "arn": item["nodegroupArn"]},
            owner=scope.own(tags),
            other=scope.other(tags),
        )

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the group in one call."""
        params = {
            "clusterName": self.cluster,
            "nodegroupName": self.name,
            "nodeRole": self.role,
            "subnets": self.subnets,
            "instanceTypes": self.instance_types,
            "amiType": self.ami_type,
            "capacityType": self.capacity_type,
            "diskSize": self.disk_size,
            "scalingConfig": self._scaling(),
            "labels": self.labels,
            "tags": scope.tags(address, self.tags),
        }
        reply = yield aws("eks", "CreateNodegroup", params)
        return {"id": f"{self.cluster}/{self.name}", "arn": reply["nodegroup"]["nodegroupArn"]}

    def _scaling(self) -> dict[str, int]:
        return {"minSize": self.min_size, "desiredSize": self.desired_size, "maxSize": self.max_size}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change size and labels in one call, then tags."""
        params: dict[str, Any] = {}
        if changed & {"min_size", "desired_size", "max_size"}:
            params["scalingConfig"] = self._scaling()
        if "labels" in changed:
            gone = sorted(set(observed.fields.get("labels") or {}) - set(self.labels))
            params["labels"] = {"addOrUpdateLabels": self.labels, "removeLabels": gone}
        if params:
            named = {"clusterName": self.cluster, "nodegroupName": self.name}
            yield aws("eks", "UpdateNodegroupConfig", {**named, **params})
        if changed & {"tags", "owner"}:
            yield from EKS.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the group."""
        yield aws("eks", "DeleteNodegroup", _named(observed.id), absent=GONE)

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """Tell whether the nodes have joined."""
        reply = yield aws("eks", "DescribeNodegroup", _named(id_))
        return bool(reply["nodegroup"]["status"] == "ACTIVE")

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Sizes are in order, the AMI type exists, EC2 may assume the role."""
        yield from matches("eks", "node_group.name", self.name, "name")
        yield from one_of("eks", "ami_types", self.ami_type, "ami_type")
        if not 0 <= self.min_size <= self.desired_size <= self.max_size or self.max_size < 1:
            yield Problem(
                "TW0479",
                f"sizes are out of order: min {self.min_size}, desired {self.desired_size}, max {self.max_size}",
                "desired_size",
                "0 <= min_size <= desired_size <= max_size, and max_size at least 1",
            )
        yield from untrusting(peers, self.role, "ec2.amazonaws.com", "role")


def _named(id_: str) -> dict[str, str]:
    cluster, _, name = id_.partition("/")
    return {"clusterName": cluster, "nodegroupName": name}
