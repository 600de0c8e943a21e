"""What Cloudflare's edge answers when it cannot answer for a site."""

from werkzeug.datastructures import Headers

from twin.wire import Response
from twin.world.scene import Scene

HEX = "0123456789abcdef"


def edge_error(status: int, scene: Scene) -> Response:
    """Return an error of the edge's own, as a client that asks for no HTML gets it.

    https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
    """
    ray = scene.ids("cloudflare-edge").word(16, HEX)
    headers = Headers(
        [("Content-Type", "text/plain; charset=UTF-8"), ("Server", "cloudflare"), ("CF-RAY", f"{ray}-IAD")]
    )
    return Response(status, headers, f"error code: {status}".encode())
