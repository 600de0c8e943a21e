"""RDS: Aurora global databases."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from twin.address import Address
from twin.resources.aws.rds_checks import check_name
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, WRITE_ONLY, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

ABSENT = ("GlobalClusterNotFoundFault",)
NO_MEMBER = (*ABSENT, "DBClusterNotFoundFault")


def globals_() -> Steps[list[dict[str, Any]]]:
    """Read all global databases."""
    reply = yield aws("rds", "DescribeGlobalClusters", pages=True)
    return list(reply["GlobalClusters"])


class GlobalCluster(Resource):
    """A global database: the cluster that it was made around, which writes at first, and those that join it."""

    TYPE: ClassVar[str] = "aws.rds.global_cluster"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    # Which member writes changes with each failover; the one that it was made around is told by nobody.
    source: Annotated[str, RefTo("aws.rds.cluster"), IMMUTABLE, WRITE_ONLY]

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all global databases with one DescribeGlobalClusters."""
        found = []
        for item in (yield from globals_()):
            name, writers = item["GlobalClusterIdentifier"], [one for one in _members(item) if one["IsWriter"]]
            fields = {"name": name, "source": writers[0]["DBClusterArn"] if writers else None}
            found.append(Observed(name, fields, {"id": name, "arn": item["GlobalClusterArn"]}))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name, and has no Region."""
        return {"id": self.name, "arn": scope.arn("rds", f"global-cluster:{self.name}", region="")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the global database around its first cluster."""
        params = {"GlobalClusterIdentifier": self.name, "SourceDBClusterIdentifier": self.source}
        yield aws("rds", "CreateGlobalCluster", params)
        return self.predict(scope)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change nothing: name and first cluster stay what they are."""
        yield from ()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Let the clusters go, the writing one last, and delete what held them together."""
        held = [item for item in (yield from globals_()) if item["GlobalClusterIdentifier"] == observed.id]
        named = {"GlobalClusterIdentifier": observed.id}
        for member in sorted((one for item in held for one in _members(item)), key=lambda one: bool(one["IsWriter"])):
            params = {**named, "DbClusterIdentifier": member["DBClusterArn"]}
            yield aws("rds", "RemoveFromGlobalCluster", params, absent=NO_MEMBER)
        yield aws("rds", "DeleteGlobalCluster", named, absent=ABSENT)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name is one that RDS takes."""
        yield from check_name(self.name)


def _members(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(item.get("GlobalClusterMembers") or ())
