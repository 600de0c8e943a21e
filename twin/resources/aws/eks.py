"""EKS clusters."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.limits import matches, one_of
from twin.resources.aws.policy_document import untrusting
from twin.resources.aws.replies import pick
from twin.resources.aws.spread import spread
from twin.resources.aws.tagging import EKS
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
GONE = ("ResourceNotFoundException",)


class Cluster(Resource):
    """A Kubernetes control plane."""

    TYPE: ClassVar[str] = "aws.eks.cluster"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "endpoint", "certificate_authority", "oidc_issuer")

    name: Annotated[str, IMMUTABLE]
    version: str | None = Field(None, description="The Kubernetes minor version, such as 1.34")
    role: Annotated[str, RefTo("aws.iam.role"), IMMUTABLE] = Field(description="ARN of the role that EKS assumes")
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED] = Field(description="Ids of subnets, of one VPC")
    security_groups: Annotated[list[str] | None, RefTo("aws.ec2.security_group"), UNORDERED] = Field(
        None, description="Ids of groups besides the one that EKS makes"
    )
    endpoint_public: bool = True
    endpoint_private: bool = False
    public_access_cidrs: Annotated[list[str] | None, UNORDERED] = None
    log_types: Annotated[list[str], UNORDERED] = Field(default_factory=list, description="Control plane logs kept")
    secrets_key: Annotated[str | None, RefTo("aws.kms.key"), IMMUTABLE] = Field(
        None, description="ARN of the key that encrypts Kubernetes secrets"
    )
    service_cidr: Annotated[str | None, IMMUTABLE] = Field(None, description="The range of services; EKS's own choice")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read every cluster; EKS lists names only, so each takes a DescribeCluster, which tells its tags too."""
        names = (yield aws("eks", "ListClusters", pages=True))["clusters"]
        found = []
        for name in names:
            reply = yield aws("eks", "DescribeCluster", {"name": name}, absent=GONE)
            if reply is not None and reply["cluster"]["status"] != "DELETING":
                found.append(cls._observed(scope, reply["cluster"]))
        return found

    @classmethod
    def _observed(cls, scope: Scope, item: Mapping[str, Any]) -> Observed:
        network, tags = item["resourcesVpcConfig"], item.get("tags") or {}
        secrets = [c["provider"]["keyArn"] for c in item.get("encryptionConfig") or () if "secrets" in c["resources"]]
        return Observed(
            id=item["name"],
            fields={
                "name": item["name"],
                "version": item["version"],
                "role": item["roleArn"],
                "subnets": network["subnetIds"],
                "security_groups": network.get("securityGroupIds") or [],
                "endpoint_public": network["endpointPublicAccess"],
                "endpoint_private": network["endpointPrivateAccess"],
                "public_access_cidrs": network.get("publicAccessCidrs") or [],
                "log_types": [
                    kind
                    for setup in (item.get("logging") or {}).get("clusterLogging", ())
                    if setup["enabled"]
                    for kind in setup["types"]
                ],
                "secrets_key": secrets[0] if secrets else None,
                "service_cidr": (item.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr"),
                "tags": user_tags(tags),
            },
            outputs=_outputs(item),
            owner=scope.own(tags),
            other=scope.other(tags),
        )

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("eks", f"cluster/{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the cluster in one call."""
        network = {**self._access(), **self._place()}
        secrets = [{"resources": ["secrets"], "provider": {"keyArn": self.secrets_key}}] if self.secrets_key else None
        params = {
            "name": self.name,
            "version": self.version,
            "roleArn": self.role,
            "resourcesVpcConfig": network,
            "logging": self._logging() if self.log_types else None,
            "encryptionConfig": secrets,
            "kubernetesNetworkConfig": {"serviceIpv4Cidr": self.service_cidr} if self.service_cidr else None,
            "tags": scope.tags(address, self.tags),
        }
        reply = yield aws("eks", "CreateCluster", params)
        return {**_outputs(reply["cluster"]), **self.predict(scope)}

    def _access(self) -> dict[str, Any]:
        access = {"endpointPublicAccess": self.endpoint_public, "endpointPrivateAccess": self.endpoint_private}
        return access if self.public_access_cidrs is None else {**access, "publicAccessCidrs": self.public_access_cidrs}

    def _place(self) -> dict[str, Any]:
        groups = {} if self.security_groups is None else {"securityGroupIds": self.security_groups}
        return {"subnetIds": self.subnets, **groups}

    def _logging(self) -> dict[str, Any]:
        chosen = {
            True: [t for t in LOG_TYPES if t in self.log_types],
            False: [t for t in LOG_TYPES if t not in self.log_types],
        }
        return {"clusterLogging": [{"types": types, "enabled": on} for on, types in chosen.items() if types]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change one kind of setting a call, as EKS wants it: access, subnets and groups, logs, version; then tags."""
        if changed & {"endpoint_public", "endpoint_private", "public_access_cidrs"}:
            yield aws("eks", "UpdateClusterConfig", {"name": self.name, "resourcesVpcConfig": self._access()})
        if changed & {"subnets", "security_groups"}:
            yield aws("eks", "UpdateClusterConfig", {"name": self.name, "resourcesVpcConfig": self._place()})
        if "log_types" in changed:
            yield aws("eks", "UpdateClusterConfig", {"name": self.name, "logging": self._logging()})
        if "version" in changed:
            yield aws("eks", "UpdateClusterVersion", {"name": self.name, "version": self.version})
        if changed & {"tags", "owner"}:
            yield from EKS.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the cluster."""
        yield aws("eks", "DeleteCluster", {"name": observed.id}, absent=GONE)

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """Tell whether the control plane is active."""
        reply = yield aws("eks", "DescribeCluster", {"name": id_})
        return bool(reply["cluster"]["status"] == "ACTIVE")

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The version is offered, the subnets cover two zones, EKS may assume the role."""
        yield from matches("eks", "cluster.name", self.name, "name")
        yield from one_of("eks", "versions", self.version, "version")
        yield from spread(peers, self.subnets, what="an EKS cluster", source="EKS user guide, network-reqs")
        yield from untrusting(peers, self.role, "eks.amazonaws.com", "role")
        for kind in self.log_types:
            yield from one_of("eks", "log_types", kind, "log_types")
        if not self.endpoint_public and not self.endpoint_private:
            yield Problem("TW0494", "a cluster without any endpoint cannot be reached", "endpoint_private", "set it")


def _outputs(item: Any) -> dict[str, Any]:
    return {
        "id": pick(item, "name"),
        "arn": pick(item, "arn"),
        "endpoint": pick(item, "endpoint"),
        "certificate_authority": pick(item, "certificateAuthority", "data"),
        "oidc_issuer": pick(item, "identity", "oidc", "issuer"),
    }
