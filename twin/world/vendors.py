"""The vendor servers of our own that the world mounts, each made at its first request."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from twin.wire import Request, Response
from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.accounts import Vendor, keys_of
from twin.world.saas.entries import ENTRIES, Asked, Start
from twin.world.saas.stations import Served, Server, VendorCall, VendorCheck
from twin.world.saas.webhooks import Ask
from twin.world.trail.vendor_evidence import VendorEvidence

if TYPE_CHECKING:
    from twin.world.saas.cloudflare.state import State, Zone
    from twin.world.saas.datadog.state import Organization
    from twin.world.saas.github.state import Hub
    from twin.world.saas.okta.state import Org
    from twin.world.saas.pagerduty.state import Account


class Vendors:
    """The servers, each made at its first request; ids of one do not move another's.

    `faults` and `authorisers` see every call once its principal is known, and may raise VendorFault or VendorDenied;
    `listeners` are told of every call once it is answered; `evidence` holds every call with its events, beyond the
    reach of anybody inside the org. `tell` hears what PagerDuty does by itself, `ask` calls an
    address outside for a vendor that must know at once what it answers.
    """

    def __init__(
        self,
        *,
        seed: int | str,
        clock: Agenda,
        accounts: Mapping[Vendor, Any],
        tell: Callable[..., object],
        ask: Ask,
    ) -> None:
        self.faults: list[VendorCheck] = []
        self.authorisers: list[VendorCheck] = []
        self.listeners: list[Callable[[Served], None]] = []
        self.evidence = VendorEvidence()
        self._seed = seed
        self._clock = clock
        self._accounts = dict(accounts)
        self._tell = tell
        self._ask = ask
        self._made: dict[Vendor, Server] = {}

    def handle(self, vendor: Vendor, request: Request) -> Response:
        """Answer a request to one vendor and put it into the evidence."""
        served = self._server(vendor).serve(request, self._check)
        self.evidence.witness(served, self._clock.now())
        for listener in self.listeners:
            listener(served)
        return served.response

    def cloudflare_state(self) -> "State | None":
        """Return what the Cloudflare server holds; None before its first call."""
        made = self._made.get("cloudflare")
        if made is None:
            return None
        from twin.world.saas.cloudflare.server import Cloudflare

        assert isinstance(made, Cloudflare)
        return made.state

    def called(self, authorization: str, host: str, path: str, *, datadog_key: bool = False) -> Vendor | None:
        """Tell for which vendor a request is: by host or credentials, or by its path where the host is a machine's own.

        `datadog_key` says that it bears a key of Datadog's, whose log intake has a path that is Auth0's too.
        """
        asked = Asked(authorization, host, path, datadog_key)
        for vendor, entry in ENTRIES.items():
            if entry.known(asked, self._accounts[vendor]):
                return vendor
        likely = (vendor for vendor, entry in ENTRIES.items() if entry.likely(asked))
        return next(likely, None) if asked.plain else None

    def keys(self) -> dict[str, str]:
        """Return what lets a client into each account, by the vendor's name and the key's: `okta_token`."""
        return {name: value for vendor in ENTRIES for name, value in keys_of(vendor, self._accounts[vendor]).items()}

    def made(self, vendor: Vendor) -> Server | None:
        """Return a vendor's server; None before its first request."""
        return self._made.get(vendor)

    def zones(self) -> list["Zone"]:
        """Return the zones that Cloudflare serves."""
        state = self.cloudflare_state()
        return list(state.zones.values()) if state is not None else []

    def cloudflare_records(self, name: str) -> list[dict[str, Any]] | None:
        """Return Cloudflare's DNS records of a name; None when it serves no zone that the name is in."""
        for zone in self.zones():
            if name == zone.name or name.endswith(f".{zone.name}"):
                return [record for record in zone.records.values() if record["name"] == name]
        return None

    def okta(self) -> "Org":
        """Return the true state of the Okta org: for who acts as its people, answers their phones, reads their mail."""
        from twin.world.saas.okta.server import Okta

        made = self._server("okta")
        assert isinstance(made, Okta)
        return made.org

    def datadog(self) -> "Organization":
        """Return the true state of the Datadog organization: for its evaluations and what they tell."""
        from twin.world.saas.datadog.server import Datadog

        made = self._server("datadog")
        assert isinstance(made, Datadog)
        return made.organization

    def github(self) -> "Hub":
        """Return the true state of GitHub: for its timers, its runners, and for who acts as its people."""
        from twin.world.saas.github.server import Github

        made = self._server("github")
        assert isinstance(made, Github)
        return made.hub

    def pagerduty(self) -> "Account":
        """Return the true state of the PagerDuty account: for its timers, and for who answers its pages."""
        from twin.world.saas.pagerduty.server import PagerDuty

        made = self._server("pagerduty")
        assert isinstance(made, PagerDuty)
        return made.account

    def _check(self, call: VendorCall) -> None:
        for check in (*self.faults, *self.authorisers):
            check(call)

    def _server(self, vendor: Vendor) -> Server:
        if vendor not in self._made:
            start = Start(self._clock, Ids(f"{vendor}:{self._seed}"), self._seed, self._tell, self._ask)
            self._made[vendor] = ENTRIES[vendor].make(start, self._accounts[vendor])
        return self._made[vendor]
