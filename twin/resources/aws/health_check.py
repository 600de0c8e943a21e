"""Route 53 health checks of an endpoint."""

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.quota import beyond
from twin.resources.aws.route53 import is_domain, tag, tags_by_id
from twin.resources.call import Steps, aws
from twin.resources.canonical import text
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import OWNER_TAG, Scope, user_tags

CONFIG = {
    "kind": "Type",
    "domain": "FullyQualifiedDomainName",
    "ip": "IPAddress",
    "port": "Port",
    "path": "ResourcePath",
    "search": "SearchString",
    "interval": "RequestInterval",
    "failures": "FailureThreshold",
}
FIXED = frozenset({"kind", "interval"})
"""What UpdateHealthCheck cannot change."""


class HealthCheck(Resource):
    """A health check of an endpoint by HTTP, HTTPS or TCP.

    CreateHealthCheck takes no tags, so the owner stands in its caller reference too; that also keeps a second
    creation from making a second check.
    """

    TYPE: ClassVar[str] = "aws.route53.health_check"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    kind: Annotated[Literal["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"], IMMUTABLE] = "HTTPS"
    domain: str | None = Field(default=None, description="The host that is asked; also the Host header")
    ip: str | None = Field(default=None, description="The address that is asked, when it is not the domain's own")
    port: int = 443
    path: str | None = Field(default=None, description="HTTP, HTTPS: the path, with its /")
    search: str | None = Field(default=None, description="…_STR_MATCH: a text that the answer must hold")
    interval: Annotated[int, IMMUTABLE] = Field(default=30, description="Seconds between requests: 10 or 30")
    failures: int = Field(default=3, description="Requests in a row until the state changes, 1 to 10")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all health checks with one ListHealthChecks, and the tags of ours."""
        reply = yield aws("route53", "ListHealthChecks", pages=True)
        items = {item["Id"]: item for item in reply.get("HealthChecks") or ()}
        referred = {id_: _owner(scope, item["CallerReference"]) for id_, item in items.items()}
        tags = yield from tags_by_id("healthcheck", [i for i in items if referred[i] or i in wanted.ids])
        found = []
        for id_, item in items.items():
            config = item["HealthCheckConfig"]
            fields = {name: config.get(key) for name, key in CONFIG.items()}
            own = tags.get(id_, {})
            fields["tags"] = user_tags(own)
            owner = scope.own(own) or referred[id_]
            other = scope.other(own) if OWNER_TAG in own else _other(scope, item["CallerReference"])
            found.append(Observed(id_, fields, _outputs(scope, id_), owner, other="" if owner else other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the health check, and tag it when it has tags."""
        config = self._config()
        digest = hashlib.sha256(text(config).encode()).hexdigest()[:8]
        params = {"CallerReference": f"{_reference(scope, address)}#{digest}", "HealthCheckConfig": config}
        reply = yield aws("route53", "CreateHealthCheck", params)
        id_ = reply["HealthCheck"]["Id"]
        if self.tags:
            yield tag("healthcheck", id_, self.tags, ())
        return _outputs(scope, id_)

    def _config(self) -> dict[str, Any]:
        config = {key: getattr(self, name) for name, key in CONFIG.items()}
        config["EnableSNI"] = True if self.kind.startswith("HTTPS") else None
        return {key: value for key, value in config.items() if value is not None}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the configuration, and the tags with those of ownership."""
        if names := (changed & CONFIG.keys()) - FIXED:
            params = {CONFIG[name]: getattr(self, name) for name in names if getattr(self, name) is not None}
            yield aws("route53", "UpdateHealthCheck", {"HealthCheckId": observed.id, **params})
        if changed & {"tags", "owner"}:
            yield tag("healthcheck", observed.id, scope.tags(address, self.tags), observed.fields["tags"])

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the health check."""
        yield aws("route53", "DeleteHealthCheck", {"HealthCheckId": observed.id}, absent=("NoSuchHealthCheck",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The endpoint is complete, the figures are in their bounds."""
        known = facts("network")
        if self.domain is None and self.ip is None:
            yield Problem("TW0436", "a health check needs a domain or an address", "domain")
        if self.domain is not None and not unknown(self.domain) and not is_domain(self.domain):
            yield Problem("TW0436", f"{self.domain!r} is no domain name", "domain")
        if self.ip is not None and not unknown(self.ip):
            yield from _check_address(self.ip)
        if not 1 <= self.port <= 65535:
            yield Problem("TW0407", f"a port is 1 to 65535, this is {self.port}", "port")
        if self.interval not in known["health_check_intervals"]:
            yield Problem("TW0436", f"the interval is 10 or 30 seconds, this is {self.interval}", "interval")
        low, high = known["health_check_failures"]
        if not low <= self.failures <= high:
            yield Problem("TW0436", f"the failure threshold is {low} to {high}, this is {self.failures}", "failures")
        yield from self._check_kind()
        longest = known["caller_reference_characters"] - len("#12345678")
        if len(_reference(peers.scope, address)) > longest:
            yield Problem("TW0436", f"owner and name together have more than {longest} characters", None, "shorten it")
        limit = known["health_checks_per_account"]
        yield from beyond(limit, address, peers.of(self.TYPE), what="the account's health checks")

    def _check_kind(self) -> Iterable[Problem]:
        matching = self.kind.endswith("_STR_MATCH")
        if matching != (self.search is not None):
            yield Problem("TW0436", f"{self.kind} {'needs' if matching else 'has no'} search text", "search")
        longest = facts("network")["health_check_search_characters"]
        if self.search is not None and not 1 <= len(self.search) <= longest:
            yield Problem("TW0436", f"the search text has 1 to {longest} characters", "search")
        if self.kind == "TCP" and self.path is not None:
            yield Problem("TW0436", "a TCP health check has no path", "path")
        if self.path is not None and not unknown(self.path) and not self.path.startswith("/"):
            yield Problem("TW0436", f"the path {self.path!r} begins with no /", "path")


def _check_address(address: str) -> Iterable[Problem]:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        yield Problem("TW0436", f"{address!r} is no IP address", "ip")
        return
    if not found.is_global and not _documentation(found):
        yield Problem("TW0436", f"Route 53's checkers cannot reach {address}, which is not public", "ip")


def _documentation(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is one of those kept for examples (RFC 5737, RFC 3849), which stand for public ones."""
    ranges = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    networks = (ipaddress.ip_network(range_) for range_ in ranges)
    return any(address in network for network in networks if network.version == address.version)


def _reference(scope: Scope, address: Address) -> str:
    return f"{scope.owner}/{address.name}"


def _owner(scope: Scope, reference: str) -> Address | None:
    """Return the address in a caller reference that `create` wrote for this org and environment."""
    plain, found, _ = reference.rpartition("#")
    owner, _, name = plain.rpartition("/")
    return Address(HealthCheck.TYPE, name) if found and owner == scope.owner else None


def _other(scope: Scope, reference: str) -> str:
    """Return which other org or environment wrote its name into a caller reference, as `create` does."""
    plain, found, _ = reference.rpartition("#")
    owner, _, name = plain.rpartition("/")
    org, _, environment = owner.partition("/")
    return owner if found and name and org and environment and owner != scope.owner else ""


def _outputs(scope: Scope, id_: str) -> dict[str, str]:
    return {"id": id_, "arn": scope.arn("route53", f"healthcheck/{id_}", region="", account="")}
