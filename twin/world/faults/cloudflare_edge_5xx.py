"""Cloudflare's edge fails for the sites behind it: their visitors get an error of Cloudflare's; its API lives."""

from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field

from twin.errors import NothingToBreak
from twin.wire import Request, Response
from twin.world.edge_errors import edge_error
from twin.world.fault import Fault, FaultOptions
from twin.world.scene import Scene


class Options(FaultOptions):
    """Whose visitors, and what they get."""

    zone: str | None = None
    """The zone's name; without it, every zone."""
    status: Literal[500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526] = 502
    """The status of the error."""
    share: float = Field(default=1, gt=0, le=1)
    """The share of requests that fail; the seed chooses which."""


class CloudflareEdge5xx(Fault):
    """A failing edge: names that are proxied are hit, names that are not go past it."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def begin(self, scene: Scene) -> None:
        """Begin; without a zone at Cloudflare there is nothing to break."""
        if not self._zones(scene):
            raise NothingToBreak(f"Cloudflare serves no zone {self.options.zone or 'at all'} in this world")

    def answer(self, request: Request, scene: Scene) -> Response | None:
        """Answer for a site that is behind the edge."""
        host = urlsplit(request.url).hostname or ""
        if not self._behind(host, scene) or scene.chance(f"fault:{self.id}").random() >= self.options.share:
            return None
        self.refused += 1
        return edge_error(self.options.status, scene)

    def failing(self, host: str, scene: Scene) -> float:
        """Return the share that fails of the requests to a site by the edge, for traffic that counts by the thousand.

        Visitors go there for some time after a name is proxied no more.
        """
        if not any(f".{host}".endswith(f".{zone.name}") for zone in self._zones(scene)):
            return 0.0
        self.shown += 1
        return self.options.share

    def _behind(self, host: str, scene: Scene) -> bool:
        return any(_proxied(record, host) for zone in self._zones(scene) for record in zone.records.values())

    def _zones(self, scene: Scene) -> list[Any]:
        return [zone for zone in scene.vendors.zones() if self.options.zone in (None, zone.name)]


def _proxied(record: Any, host: str) -> bool:
    name = str(record["name"])
    wild = name.startswith("*.") and host.endswith(name[1:])
    return bool(record.get("proxied")) and (name == host or wild)


FAULT = CloudflareEdge5xx
