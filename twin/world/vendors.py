"""The vendor servers of our own that the world mounts, and the account that each one holds at the start."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.ids import Ids
from twin.world.saas.stations import Server, VendorCall, VendorCheck
from twin.world.trail.vendor_evidence import VendorEvidence

if TYPE_CHECKING:
    from twin.world.saas.cloudflare.state import Zone

Vendor = Literal["cloudflare", "okta"]
OKTA_PATHS = ("/api/v1", "/oauth2", "/.well-known")
OKTA_HOSTS = (".okta.com", ".oktapreview.com", ".okta-emea.com")


@dataclass(frozen=True, slots=True)
class CloudflareAccount:
    """The Cloudflare account of a world, with the API token that exists from the start."""

    account_id: str
    name: str
    token: str = field(repr=False)
    zone_plan: str = "free"


@dataclass(frozen=True, slots=True)
class OktaOrg:
    """The Okta org of a world, with the API token that exists from the start.

    Enforced rate limits refuse as the clock says: where it stands still, a window never ends.
    """

    url: str
    name: str
    token: str = field(repr=False)
    enforce_rate_limits: bool = False


def cloudflare_account(seed: int | str) -> CloudflareAccount:
    """Return the account of a seed."""
    ids = Ids(f"cloudflare-account:{seed}")
    return CloudflareAccount(ids.hex(), "Twin", ids.word(40))


def okta_org(seed: int | str) -> OktaOrg:
    """Return the org of a seed."""
    return OktaOrg("https://twin.okta.com", "Twin", "00" + Ids(f"okta-org:{seed}").word(40))


class Vendors:
    """The servers, each made at its first request; ids of one do not move another's.

    `faults` and `authorisers` see every call once its principal is known, and may raise VendorFault or VendorDenied;
    `evidence` holds every call with its events, beyond the reach of anybody inside the org.
    """

    def __init__(self, *, seed: int | str, clock: Clock, cloudflare: CloudflareAccount, okta: OktaOrg) -> None:
        self.faults: list[VendorCheck] = []
        self.authorisers: list[VendorCheck] = []
        self.evidence = VendorEvidence()
        self._seed = seed
        self._clock = clock
        self._cloudflare = cloudflare
        self._okta = okta
        self._made: dict[Vendor, Server] = {}

    def handle(self, vendor: Vendor, request: Request) -> Response:
        """Answer a request to one vendor and put it into the evidence."""
        if vendor not in self._made:
            self._made[vendor] = self._make(vendor)
        served = self._made[vendor].serve(request, self._check)
        self.evidence.witness(served, self._clock.now())
        return served.response

    def made(self, vendor: Vendor) -> Server | None:
        """Return a vendor's server; None before its first request."""
        return self._made.get(vendor)

    def zones(self) -> list["Zone"]:
        """Return the zones that Cloudflare serves."""
        from twin.world.saas.cloudflare.server import Cloudflare

        made = self._made.get("cloudflare")
        return list(made.state.zones.values()) if isinstance(made, Cloudflare) else []

    def cloudflare_records(self, name: str) -> list[dict[str, Any]] | None:
        """Return Cloudflare's DNS records of a name; None when it serves no zone that the name is in."""
        for zone in self.zones():
            if name == zone.name or name.endswith(f".{zone.name}"):
                return [record for record in zone.records.values() if record["name"] == name]
        return None

    def _check(self, call: VendorCall) -> None:
        for check in (*self.faults, *self.authorisers):
            check(call)

    def _make(self, vendor: Vendor) -> Server:
        ids = Ids(f"{vendor}:{self._seed}")
        if vendor == "cloudflare":
            from twin.world.saas.cloudflare.server import Cloudflare

            held = self._cloudflare
            return Cloudflare(
                clock=self._clock,
                ids=ids,
                account_id=held.account_id,
                account_name=held.name,
                zone_plan=held.zone_plan,
                token=held.token,
            )
        from twin.world.saas.okta.server import Okta

        org = self._okta
        return Okta(
            clock=self._clock,
            ids=ids,
            org_url=org.url,
            org_name=org.name,
            token=org.token,
            enforce_rate_limits=org.enforce_rate_limits,
        )
