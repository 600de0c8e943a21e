"""Compute: the load balancer, the cluster, workers, databases and image registries."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from pydantic import Field

from twin.spec.model.access import Grants
from twin.spec.model.reference import Bucket, Key, Role, SecretSource, Tier
from twin.spec.model.region import Region
from twin.spec.model.scaling import Scaling
from twin.spec.model.section import Problem, Section, ordered
from twin.spec.model.values import Cidr, Days, Duration, Host, Name, Port, StorageSize, Text


class LoadBalancer(Section):
    """The application load balancer."""

    hosts: tuple[Host, ...] = Field(min_length=1)
    """Names on its certificate."""
    https: bool = True
    """Whether it listens on 443 with a certificate; plain 80 otherwise."""
    redirect_http: bool = True
    """Whether port 80 redirects to 443."""
    tls_policy: Text = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    """The AWS security policy: protocols and ciphers."""
    internal: bool = False
    """Whether only the VPC reaches it."""
    subnets: Tier
    """The tier that it stands in."""
    port: Port = 8080
    """The port of its targets."""
    health_path: Text = "/healthz"
    """The path that tells whether a target is well."""
    idle_timeout: Duration = timedelta(seconds=60)
    """When an idle connection closes."""
    access_logs: Bucket | None = None
    """The bucket that receives access logs."""
    deletion_protection: bool = True
    """Whether it refuses to be deleted."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a health path that is none."""
        if not self.health_path.startswith("/"):
            yield Problem("TW0213", ("health_path",), "a path begins with `/`", f"write `/{self.health_path}`")


class NodeGroup(Section):
    """A group of cluster nodes."""

    instance_types: tuple[Text, ...] = ("t3.medium",)
    """EC2 instance types, in order of preference."""
    min: int = Field(default=1, ge=0)
    """The least number of nodes."""
    desired: int | None = Field(default=None, ge=0)
    """The number to begin with; `min` when absent."""
    max: int = Field(default=3, ge=1)
    """The greatest number of nodes."""
    zones: int | None = Field(default=None, ge=1)
    """In how many of the tier's zones they stand; all when absent."""
    disk: StorageSize | None = None
    """Each node's disk; EKS's own choice when absent."""
    spot: bool = False
    """Whether nodes are spare capacity that can be taken away."""

    def problems(self) -> Iterator[Problem]:
        """Refuse bounds out of order."""
        yield from ordered(self, "min", "desired", "max")


class Eks(Section):
    """The Kubernetes cluster."""

    version: Text
    """The Kubernetes version, such as "1.33"."""
    subnets: Tier
    """The tier that its nodes stand in."""
    endpoint: Literal["public", "private", "both"] = "private"
    """Where its API is reachable."""
    public_from: tuple[Cidr, ...] = ()
    """Addresses that may reach a public endpoint; all when empty."""
    logs: tuple[Literal["api", "audit", "authenticator", "controllerManager", "scheduler"], ...] = ("api", "audit")
    """Control plane logs that are kept."""
    key: Key | None = None
    """The key that encrypts Kubernetes secrets."""
    service_cidr: Cidr | None = None
    """The block of service addresses; EKS's own choice when absent."""
    admins: tuple[Role, ...] = ()
    """Roles that administer the cluster. Not supported yet: refused."""
    nodes: dict[Name, NodeGroup] = Field(min_length=1)
    """Node groups by name."""

    def problems(self) -> Iterator[Problem]:
        """Refuse an allow-list for an endpoint that is not public."""
        if self.public_from and self.endpoint == "private":
            yield Problem("TW0214", ("public_from",), "`public_from` needs an endpoint that is public or both")


class Workers(Grants):
    """An Auto Scaling group with its launch template, role and security group."""

    instance_type: Text = "t3.micro"
    """The EC2 instance type."""
    image: Text
    """The machine image: an `ami-…` id, or the SSM parameter path of one."""
    subnets: Tier
    """The tier that its instances stand in."""
    min: int = Field(default=1, ge=0)
    """The least number of instances."""
    desired: int | None = Field(default=None, ge=0)
    """The number to begin with; `min` when absent."""
    max: int = Field(default=3, ge=1)
    """The greatest number of instances."""
    zones: int | None = Field(default=None, ge=1)
    """In how many of the tier's zones they stand; all when absent."""
    disk: StorageSize | None = None
    """Each instance's disk; the image's own size when absent."""
    key: Key | None = None
    """The key that encrypts disks."""
    behind_alb: bool = False
    """Whether the load balancer sends requests to it."""
    scaling: Scaling = Field(default_factory=dict)
    """Policies by name that say how many instances there are; as many as at the beginning without any."""

    def problems(self) -> Iterator[Problem]:
        """Refuse bounds out of order, and policies that something else is in the way of."""
        yield from ordered(self, "min", "desired", "max")
        if self.scaling and self.desired is not None:
            message = "the scaling policies say how many instances there are, and each apply would say `desired` again"
            yield Problem("TW0214", ("desired",), message, "leave `desired` out")
        for name, policy in self.scaling.items():
            looked = policy.target or policy.steps
            if looked is not None and looked.metric == "requests" and not self.behind_alb:
                how = "target" if policy.target else "steps"
                yield Problem("TW0214", ("scaling", name, how, "metric"), "`requests` needs `behind_alb: true`")


class Database(Section):
    """An RDS database instance, or an Aurora cluster, with its subnet group and security group."""

    engine: Literal["postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"]
    """The database engine; Aurora's make a cluster."""
    version: Text
    """The engine's version, such as "16.9"."""
    instance_class: Text
    """The instance class, such as db.t4g.medium."""
    subnets: Tier
    """The tier that it stands in."""
    storage: StorageSize | None = None
    """Its storage; Aurora's grows with what is stored."""
    max_storage: StorageSize | None = None
    """The size up to which storage grows by itself; fixed when absent."""
    multi_az: bool = True
    """Whether a standby stands in another zone; in an Aurora cluster its readers are that."""
    replicas: int = Field(default=0, ge=0, le=15)
    """How many read replicas it has."""
    readers: int = Field(default=1, ge=0, le=15)
    """How many readers an Aurora cluster has beside its writer; one of them is promoted when the writer is lost."""
    replica_of: Region | None = None
    """The Region whose database of the same name this one is a read replica of."""
    backup_retention: Days = timedelta(days=7)
    """How long automatic backups are kept, up to 35d."""
    deletion_protection: bool = True
    """Whether it refuses to be deleted."""
    key: Key | None = None
    """The key that encrypts it; RDS's own when absent. Storage is always encrypted."""
    username: Name = "app"
    """The master user."""
    password: SecretSource | None = None
    """Where the master password comes from; made and kept by AWS when absent."""
    port: Port | None = None
    """Its port; the engine's own when absent."""

    def problems(self) -> Iterator[Problem]:
        """Refuse sizes out of order, backups that RDS would refuse, and what is another engine's."""
        yield from ordered(self, "storage", "max_storage")
        yield from self._of_aurora() if self.aurora else self._of_one_host()
        if self.backup_retention > timedelta(days=35):
            yield Problem("TW0201", ("backup_retention",), "automatic backups are kept for at most 35d")

    @property
    def aurora(self) -> bool:
        """Whether this is a cluster."""
        return self.engine.startswith("aurora-")

    def _of_aurora(self) -> Iterator[Problem]:
        helps = {
            "storage": "leave it out: it grows by itself, up to what Aurora holds",
            "max_storage": "leave it out: it grows by itself, up to what Aurora holds",
            "multi_az": "leave it out, and say how many `readers` stand by",
            "replicas": "say how many `readers` it has",
        }
        for name in (name for name in helps if name in self.model_fields_set):
            yield Problem("TW0214", (name,), f"an Aurora cluster has no `{name}`", helps[name])

    def _of_one_host(self) -> Iterator[Problem]:
        if self.storage is None:
            yield Problem("TW0105", (), f"`storage` is missing: {self.engine} has a fixed size", "add `storage: 50GiB`")
        if "readers" in self.model_fields_set:
            help_ = "say `multi_az` for a standby, `replicas` for copies to read from"
            yield Problem("TW0214", ("readers",), f"only an Aurora cluster has `readers`, this is {self.engine}", help_)


class Registry(Section):
    """An ECR repository."""

    scan: bool = True
    """Whether images are scanned when pushed."""
    immutable: bool = True
    """Whether a tag stays with its image."""
    key: Key | None = None
    """The key that encrypts it; AES-256 when absent."""
    keep: int | None = Field(default=None, ge=1)
    """How many images are kept; all when absent."""


class Compute(Section):
    """What runs."""

    alb: LoadBalancer | None = None
    """The application load balancer."""
    eks: Eks | None = None
    """The Kubernetes cluster."""
    workers: dict[Name, Workers] = Field(default_factory=dict)
    """Auto Scaling groups by name."""
    databases: dict[Name, Database] = Field(default_factory=dict)
    """RDS databases by name."""
    registries: dict[Name, Registry] = Field(default_factory=dict)
    """Image registries by name."""

    def problems(self) -> Iterator[Problem]:
        """Refuse workers behind a load balancer that is not there."""
        for name, workers in self.workers.items():
            if workers.behind_alb and self.alb is None:
                yield Problem("TW0301", ("workers", name, "behind_alb"), "there is no `compute.alb`")
