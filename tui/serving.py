"""The explorer in a browser, on loopback alone, for the holder of the link's key."""

import hmac

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

HOST = "127.0.0.1"
COOKIE = "twin-explorer"


class Loopback(Server):
    """Serves one command's screen; a page of another site can neither open it nor write to it."""

    def __init__(self, command: str, *, port: int, key: str) -> None:
        super().__init__(command, host=HOST, port=port, title="twin", public_url=f"http://{HOST}:{port}")
        self._key = key

    @property
    def link(self) -> str:
        """The address to open."""
        return f"{self.public_url}/?key={self._key}"

    async def _make_app(self) -> web.Application:
        made: web.Application = await super()._make_app()
        made.middlewares.append(guard(self._key, self.port))
        return made

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command says where it is."""


def guard(key: str, port: int) -> Middleware:
    """Return what lets in only this host's own pages, opened with the key once."""
    host = f"{HOST}:{port}"

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if request.host != host or origin not in (None, f"http://{host}"):
            raise web.HTTPForbidden(text="The explorer is for pages of its own.")
        asked = request.query.get("key", "")
        if hmac.compare_digest(asked.encode(), key.encode()) and request.path == "/":
            response = await handler(request)
            response.set_cookie(COOKIE, key, httponly=True, samesite="Strict")
            return response
        if not hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), key.encode()):
            raise web.HTTPForbidden(text="Open the link that `twin tui --serve` printed: it has the key.")
        return await handler(request)

    return check
