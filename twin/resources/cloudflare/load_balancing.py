"""Load balancing: monitors and pools of the account, load balancers of a zone; owners marked in descriptions."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Steps, cloudflare
from twin.resources.cloudflare.compare import covers
from twin.resources.cloudflare.zone import Zone, account_zones, fact, inside
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark


class Described(Resource):
    """What monitors, pools and load balancers share: one body for POST and PUT, and a description with the owner."""

    TAGGED: ClassVar[bool] = True
    PLACE: ClassVar[tuple[str, ...]] = ()
    """Fields that are part of the path and not of the body."""

    description: str = ""

    def body(self, scope: Scope, address: Address) -> dict[str, Any]:
        """Return the object as the API takes it."""
        fields = {k: v for k, v in self.values().items() if k not in self.PLACE}
        return {**fields, "description": scope.mark(address, self.description)}

    @classmethod
    def observe(cls, scope: Scope, item: Mapping[str, Any], **place: str) -> Observed:
        """Make the observed form of an object as the API tells it."""
        fields = {name: item.get(name) for name in cls.model_fields} | place
        fields["description"] = unmark(item.get("description"))
        owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
        return Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other)

    @classmethod
    def collection(cls, scope: Scope, fields: Mapping[str, Any]) -> str:
        """Return the path under which the objects live."""
        raise NotImplementedError(cls.TYPE)

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the object with its owner."""
        path = self.collection(scope, {name: getattr(self, name) for name in self.PLACE})
        reply = yield cloudflare("POST", path, self.body(scope, address))
        return {"id": reply["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the object anew in place."""
        path = self.collection(scope, observed.fields)
        yield cloudflare("PUT", f"{path}/{observed.id}", self.body(scope, address))

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the object."""
        yield cloudflare("DELETE", f"{cls.collection(scope, observed.fields)}/{observed.id}", absent=("404", "1001"))

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare what is desired; what Cloudflare fills into lists and mappings is no difference."""
        if isinstance(desired, dict | list):
            return covers(observed, desired)
        return super().same(name, desired, observed)


class OfAccount(Described):
    """An object of the account."""

    KIND: ClassVar[str] = ""

    @classmethod
    def collection(cls, scope: Scope, fields: Mapping[str, Any]) -> str:
        """Return the account's path of the kind."""
        return f"/accounts/{scope.cloudflare_account}/load_balancers/{cls.KIND}"

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all of the account with one list."""
        items = yield cloudflare("GET", cls.collection(scope, {}), pages=True)
        return [cls.observe(scope, item) for item in items]


class Monitor(OfAccount):
    """A health check that pools use."""

    TYPE: ClassVar[str] = "cloudflare.monitor"
    KIND: ClassVar[str] = "monitors"

    type: Literal["http", "https", "tcp", "udp_icmp", "icmp_ping", "smtp"] = "https"
    method: str | None = Field(None, description="GET or HEAD; connection_established for tcp")
    path: str | None = Field(None, description="Of http and https, as in /health")
    expected_codes: str | None = Field(None, description="As in 200 or 2xx; of http and https")
    expected_body: str | None = None
    port: int | None = Field(None, ge=0, le=65535)
    interval: int = Field(60, description="Seconds between checks; 60 at least below the enterprise plan")
    timeout: int = Field(5, description="Seconds until a check has failed")
    retries: int = 2
    follow_redirects: bool | None = None
    allow_insecure: bool | None = None
    header: dict[str, list[str]] | None = None

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A check is over before the next begins; codes belong to HTTP, a port to TCP."""
        total = self.timeout * (self.retries + 1)
        if total > self.interval:
            message = f"a check with its retries may last {total} s, the next begins after {self.interval}"
            yield Problem("TW0530", message, "interval", "raise the interval, lower timeout or retries")
        if self.type in ("http", "https") and not self.expected_codes:
            yield Problem("TW0531", f"an {self.type} monitor says which codes are healthy", "expected_codes")
        if self.type in ("tcp", "udp_icmp", "smtp") and not self.port:
            yield Problem("TW0531", f"a {self.type} monitor needs a port", "port")


class Origin(BaseModel):
    """One server of a pool."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    address: str = Field(description="An address or a name")
    enabled: bool = True
    weight: float = Field(1, ge=0, le=1)
    header: dict[str, list[str]] | None = Field(None, description="Only Host can be set")


class Pool(OfAccount):
    """Servers of the same content, checked by a monitor."""

    TYPE: ClassVar[str] = "cloudflare.pool"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    KIND: ClassVar[str] = "pools"

    name: str = Field(pattern=r"^[A-Za-z0-9_-]+$", description="Letters, digits, - and _")
    origins: list[Origin] = Field(min_length=1)
    monitor: Annotated[str | None, RefTo("cloudflare.monitor")] = Field(None, description="The monitor's id")
    minimum_origins: int = Field(1, description="Fewer healthy ones make the pool unhealthy")
    enabled: bool = True
    notification_email: str | None = None

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Origins have names of their own and a pool has as many as it demands."""
        names = [origin.name for origin in self.origins]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem("TW0532", f"two origins are named {name!r}", "origins")
        if self.minimum_origins > len(self.origins):
            message = f"{self.minimum_origins} origins must be healthy, there are {len(self.origins)}"
            yield Problem("TW0533", message, "minimum_origins")


class LoadBalancer(Described):
    """A name in a zone that leads to the pools, by health and steering."""

    TYPE: ClassVar[str] = "cloudflare.load_balancer"
    KEY: ClassVar[tuple[str, ...]] = ("zone", "name")
    PLACE: ClassVar[tuple[str, ...]] = ("zone",)

    zone: Annotated[str, RefTo("cloudflare.zone"), IMMUTABLE] = Field(description="The zone's id")
    name: str = Field(description="The full name, as in www.example.com")
    default_pools: Annotated[list[str], RefTo("cloudflare.pool")] = Field(description="Ids, in order of failover")
    fallback_pool: Annotated[str, RefTo("cloudflare.pool")] = Field(description="Its id; used when all are unhealthy")
    proxied: bool = True
    enabled: bool = True
    steering_policy: str = Field("off", description="off fails over in order; random, geo, dynamic_latency and others")
    session_affinity: Literal["none", "cookie", "ip_cookie", "header"] = "none"
    ttl: int | None = Field(None, description="Seconds, of a load balancer that is not proxied")

    @classmethod
    def collection(cls, scope: Scope, fields: Mapping[str, Any]) -> str:
        """Return the zone's path."""
        return f"/zones/{fields['zone']}/load_balancers"

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all load balancers of every zone, one list per zone."""
        found = []
        for zone in (yield from account_zones(scope)):
            items = yield cloudflare("GET", cls.collection(scope, {"zone": zone["id"]}), pages=True)
            found += [cls.observe(scope, item, zone=zone["id"]) for item in items]
        return found

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name lies in the zone, the steering is one that exists, a proxied one has no TTL."""
        zone = peers.get(self.zone)
        if isinstance(zone, Zone) and not inside(self.name, zone):
            yield Problem("TW0502", f"{self.name} is not inside the zone {zone.name}", "name")
        if self.steering_policy not in fact("steering_policies"):
            choice = ", ".join(fact("steering_policies"))
            message = f"there is no steering policy {self.steering_policy!r}"
            yield Problem("TW0534", message, "steering_policy", f"one of {choice}")
        if not self.default_pools:
            yield Problem("TW0535", "a load balancer has at least one pool", "default_pools")
        if self.proxied and self.ttl is not None:
            yield Problem("TW0508", "the TTL of a proxied load balancer is Cloudflare's to set", "ttl")
