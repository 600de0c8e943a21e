"""The edge of a world: it reads its zones from the Cloudflare server, remembers what it counted, kept and stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from twin.semantics.edge import Asked, Identity, Memory, Origin, Visit, Zone, purge, visit
from twin.semantics.edge.access import application
from twin.semantics.edge.dns import balancer_of, records_of
from twin.semantics.edge.steering import choose, origins_of
from twin.wire import Request, Response
from twin.world.edge.configuration import access_of, configuration, zone_of
from twin.world.edge.exchange import asked_of, response_of
from twin.world.edge.sessions import revoke, session_of
from twin.world.edge.stored_origins import StoredOrigins
from twin.world.edge_errors import HEX
from twin.world.saas.stations import Served
from twin.world.scene import Scene

if TYPE_CHECKING:
    from twin.world.saas.cloudflare.state import State

MEMORY = "cloudflare.edge"
EVENTS = "cloudflare.edge.events"


class Edge:
    """Cloudflare before the sites of a world; `origin` answers for the addresses behind it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.origin: Origin = StoredOrigins(scene)

    @property
    def state(self) -> "State | None":
        """Return what the Cloudflare server holds; None before its first call."""
        return self.scene.vendors.cloudflare_state()

    @property
    def memory(self) -> Memory:
        """Return the counters and the cache."""
        kept: Memory = self.scene.memory.setdefault(MEMORY, Memory())
        return kept

    def serves(self, host: str) -> bool:
        """Tell whether a host name is in an active zone of Cloudflare's."""
        state = self.state
        return state is not None and zone_of(state, host.lower()) is not None

    def visit(self, asked: Asked, at: datetime | None = None) -> Visit:
        """Take a request through the edge; without an instant, at the world's now. Its ray is drawn when it has none.

        A host that is in no active zone of the account does not resolve.
        """
        instant = (at or self.scene.now()).timestamp()
        ray = asked.ray if asked.ray.strip("0") else self.ray()
        asked = asked.but(at=instant, ray=ray)
        state = self.state
        held = zone_of(state, asked.host) if state is not None else None
        if state is None or held is None:
            return Visit(0, {}, b"", "dns", ray, failure="NXDOMAIN")
        self._catch_up(state)
        if asked.identity is None:
            asked = asked.but(identity=self.identity(asked, state))
        found = visit(asked, configuration(state, held), self.memory, self.origin)
        self._note(asked, held.name, found)
        return found

    def handle(self, request: Request) -> Response | None:
        """Answer a request to a site behind the edge; None when its host is in no zone."""
        host = (urlsplit(request.url).hostname or "").lower()
        if not self.serves(host):
            return None
        now = self.scene.now()
        return response_of(self.visit(asked_of(request, at=now.timestamp(), ray=self.ray()), now))

    def identity(self, asked: Asked, state: "State") -> Identity | None:
        """Return who the Access session of a request belongs to."""
        app = application(access_of(state), asked.host, asked.path)
        return session_of(self.scene, asked, app["id"]) if app is not None else None

    def _catch_up(self, state: "State") -> None:
        """Carry out the purges and revocations that were called for since the last request."""
        for zone, what in state.purges:
            purge(self.memory, what, zone)
        for app in state.access.revoked:
            revoke(self.scene, app)
        state.purges.clear()
        state.access.revoked.clear()

    def ray(self) -> str:
        """Draw the id of a request."""
        return self.scene.ids("cloudflare-edge").word(16, HEX)

    def records(self, name: str) -> list[dict[str, Any]] | None:
        """Return the records that lead from a name to its origins now; None when no zone of Cloudflare's has it.

        A load balancer leads to the healthy origins of the pool that it would choose, a wildcard to its own.
        """
        rows = self.scene.vendors.cloudflare_records(name)
        state = self.state
        held = zone_of(state, name) if state is not None else None
        if state is None or held is None:
            return rows
        # Asked at each request of a simulated crowd, so that only what is needed is put together.
        zone = Zone(held.name, records=tuple(held.records.values()), balancers=tuple(held.load_balancers.values()))
        balancer = balancer_of(zone, name)
        if balancer is None:
            return [dict(record) for record in records_of(zone, name)]
        zone = configuration(state, held)
        pool, _ = choose(zone, balancer, Asked(name))
        origins = origins_of(zone, pool, Asked(name)) if pool is not None else []
        return [_led(name, str(origin["address"]), balancer) for origin in origins]

    def told(self, served: Served) -> None:
        """Hear of a call to Cloudflare's API; those that may change what others look at are told to behaviors."""
        method, _, path = served.call.operation.partition(" ")
        if served.call.vendor != "cloudflare" or method == "GET" or served.error:
            return
        if "/load_balancers" in path:
            self.scene.emit("cloudflare.load_balancing.changed", operation=served.call.operation)
        elif "/dns_records" in path or path.endswith("/activation_check"):
            self.scene.emit("cloudflare.dns.changed", operation=served.call.operation)

    def events(self, zone: str = "") -> list[Mapping[str, Any]]:
        """Return the log of what rules acted on, oldest first, of one zone or of all."""
        kept: list[Mapping[str, Any]] = self.scene.memory.get(EVENTS, [])
        return [event for event in kept if not zone or event["zone"] == zone]

    def _note(self, asked: Asked, zone: str, found: Visit) -> None:
        kept = self.scene.memory.setdefault(EVENTS, [])
        kept += [
            {
                "datetime": self.scene.now().isoformat(),
                "rayName": found.ray,
                "zone": zone,
                "action": event.action,
                "source": event.source,
                "ruleId": event.rule,
                "rulesetId": event.ruleset,
                "kind": event.level,
                "description": event.description,
                "clientIP": asked.ip,
                "clientCountryName": asked.country,
                "clientAsn": str(asked.asn),
                "clientRequestHTTPHost": asked.host,
                "clientRequestPath": asked.path,
                "clientRequestQuery": asked.query,
                "clientRequestHTTPMethodName": asked.method,
                "userAgent": asked.header("user-agent") or "",
                "edgeResponseStatus": found.status,
            }
            for event in found.events
        ]


def _led(name: str, address: str, balancer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a load balancer's origin as a record."""
    kind = "AAAA" if ":" in address else "A" if address.replace(".", "").isdigit() else "CNAME"
    ttl = int(balancer.get("ttl") or 30)
    return {"type": kind, "name": name, "content": address, "proxied": bool(balancer.get("proxied")), "ttl": ttl}
