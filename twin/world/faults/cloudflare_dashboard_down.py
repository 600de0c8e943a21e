"""Nobody gets into Cloudflare's dashboard; the API goes on for whoever has a token."""

from typing import ClassVar, Literal
from urllib.parse import urlsplit

from twin.wire import Request, Response
from twin.world.edge_errors import edge_error
from twin.world.fault import Fault, FaultOptions
from twin.world.saas.cloudflare.dashboard import HOSTS
from twin.world.scene import Scene


class Options(FaultOptions):
    """What those get who try."""

    status: Literal[500, 502, 503, 504] = 503
    """The status of the error."""


class CloudflareDashboardDown(Fault):
    """A dashboard that is down."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def answer(self, request: Request, scene: Scene) -> Response | None:
        """Answer for the dashboard's hosts."""
        if urlsplit(request.url).hostname not in HOSTS:
            return None
        self.refused += 1
        return edge_error(self.options.status, scene)


FAULT = CloudflareDashboardDown
