"""Zones: a domain at Cloudflare, activated and on its plan; and the zone's settings, held as one mapping."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.errors import TargetError
from twin.resources.call import Steps, cloudflare
from twin.resources.cloudflare.compare import covers
from twin.resources.facts import facts
from twin.resources.reference import Reference, unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

Plan = Literal["free", "pro", "business", "enterprise"]


def account_zones(scope: Scope) -> Steps[list[dict[str, Any]]]:
    """Read every zone of the account; the same call for all types, so a refresh sends it once."""
    query = {"per_page": 50, **({"account.id": scope.cloudflare_account} if scope.cloudflare_account else {})}
    zones = yield cloudflare("GET", "/zones", query=query, pages=True)
    return list(zones or ())


def fact(name: str) -> Any:
    """Return a documented fact of Cloudflare's."""
    return facts("cloudflare", "cloudflare")[name]


class Zone(Resource):
    """A domain in the account of the scope; Cloudflare serves it once its name servers are delegated."""

    TYPE: ClassVar[str] = "cloudflare.zone"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "name_servers")

    name: Annotated[str, IMMUTABLE] = Field(description="The domain, in lower case")
    plan: Plan = Field("free", description="The plan that the zone is on; changing it is a purchase, made by hand")
    active: bool = Field(True, description="Whether the zone is to be active; an activation check is asked for")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all zones of the account."""
        found = []
        for zone in (yield from account_zones(scope)):
            fields = {
                "name": zone["name"],
                "plan": (zone.get("plan") or {}).get("legacy_id"),
                "active": zone.get("status") == "active",
            }
            outputs = {"id": zone["id"], "name_servers": list(zone.get("name_servers") or ())}
            found.append(Observed(zone["id"], fields, outputs))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Add the zone and have its delegation checked."""
        body = {"name": self.name, "type": "full", "account": {"id": scope.cloudflare_account}}
        zone = yield cloudflare("POST", "/zones", body)
        if self.active:
            yield cloudflare("PUT", f"/zones/{zone['id']}/activation_check")
        return {"id": zone["id"], "name_servers": zone["name_servers"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Ask for another activation check; a plan is not bought here."""
        if self.plan != observed.fields["plan"]:
            raise TargetError(
                f"{address}: the zone is on the {observed.fields['plan']} plan, the spec says {self.plan}; "
                "a plan is bought in Cloudflare's billing, not by an apply"
            )
        if "active" in changed and self.active:
            yield cloudflare("PUT", f"/zones/{observed.id}/activation_check")

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the zone with all it holds."""
        yield cloudflare("DELETE", f"/zones/{observed.id}", absent=("404", "1001"))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A zone's name is a domain in lower case."""
        if not unknown(self.name) and not re.fullmatch(fact("zone_name"), self.name):
            yield Problem("TW0501", f"{self.name!r} is no domain that can be a zone", "name", "such as example.com")
        limit = fact("dns_records").get(self.plan)
        mine = str(Reference(address, "id"))
        count = len(peers.having("cloudflare.dns_record", "zone", mine))
        if limit is not None and count > limit:
            yield Problem("TW0544", f"{count} DNS records, {limit} fit on the {self.plan} plan", "plan")


def inside(name: str, zone: Zone) -> bool:
    """Tell whether a full name lies in a zone; one that is not known yet may."""
    if unknown(name) or unknown(zone.name):
        return True
    return f".{name.lower().rstrip('.')}".endswith(f".{zone.name}")


class ZoneSettings(Resource):
    """The settings of a zone that we manage; the others stay as they are, and all stay when we let go."""

    TYPE: ClassVar[str] = "cloudflare.zone_settings"
    KEY: ClassVar[tuple[str, ...]] = ("zone",)

    zone: Annotated[str, RefTo("cloudflare.zone"), IMMUTABLE] = Field(description="The zone's id")
    settings: dict[str, Any] = Field(description="Values by setting, as in `min_tls_version: '1.2'`")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the settings of every zone, one list each; they come with the zone and so are built in."""
        found = []
        for zone in (yield from account_zones(scope)):
            items = yield cloudflare("GET", f"/zones/{zone['id']}/settings")
            values = {item["id"]: item.get("value") for item in items}
            fields = {"zone": zone["id"], "settings": values}
            found.append(Observed(zone["id"], fields, {"id": zone["id"]}, builtin=True))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Write the settings in one call."""
        yield from self._write()
        return {"id": self.zone}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the settings in one call."""
        if "settings" in changed:
            yield from self._write()

    def _write(self) -> Steps[None]:
        items = [{"id": name, "value": value} for name, value in sorted(self.settings.items())]
        yield cloudflare("PATCH", f"/zones/{self.zone}/settings", items)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Let go of the settings: they belong to the zone and end with it."""
        yield from ()

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare only the settings that are managed."""
        if name == "settings":
            return covers(observed, desired, partial=True)
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A setting is one that Cloudflare has, with a value that it takes."""
        known = fact("zone_settings")
        for name, value in self.settings.items():
            allowed = known.get(name)
            if name not in known:
                yield Problem("TW0510", f"Cloudflare has no zone setting {name!r}", "settings")
            elif isinstance(allowed, list) and not any(covers(value, one) for one in allowed) and not unknown(value):
                choice = ", ".join(map(str, allowed))
                yield Problem("TW0511", f"{name} cannot be {value!r}", "settings", f"one of {choice}")
