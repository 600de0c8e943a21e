"""The explorer in a browser: on loopback, for the holder of the link's key, and for no other site's pages."""

import sys
from types import MappingProxyType

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tui.serving import HOST, Loopback
from twin import cli

KEY = "a-key"


async def reach(path: str, port: int = 8123, **headers: str) -> tuple[int, MappingProxyType[str, str]]:
    """Ask the server for a path, as a browser on a host would."""
    server = Loopback("true", port=port, key=KEY)
    async with TestClient(TestServer(await server._make_app())) as client:
        reply = await client.get(path, headers={"Host": f"{HOST}:{port}", **headers}, allow_redirects=False)
        return reply.status, MappingProxyType({name: morsel.value for name, morsel in reply.cookies.items()})


async def test_the_link_opens_it_and_its_cookie_goes_on():
    """With the key the page comes, and a cookie that its own parts are asked with."""
    status, cookies = await reach(f"/?key={KEY}")
    assert status == 200
    assert await reach("/static/js/textual.js", Cookie=f"twin-explorer={cookies['twin-explorer']}") == (200, {})


@pytest.mark.parametrize("path", ["/", "/?key=wrong", "/ws", f"/ws?key={KEY}", "/static/js/textual.js"])
async def test_without_the_key_nothing_comes(path):
    """Neither the page nor the screen's socket, to another user of the machine."""
    assert (await reach(path))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Host": "evil.example:8123"}, {"Origin": "null"}],
    ids=["origin", "rebound", "null"],
)
async def test_pages_of_other_sites_are_kept_out(headers):
    """Even where the browser would send the cookie along, or a name was bound to loopback."""
    assert (await reach("/ws", Cookie=f"twin-explorer={KEY}", **headers))[0] == 403


def test_it_listens_on_loopback_alone():
    """Whatever the machine's name is."""
    server = Loopback("true", port=8123, key=KEY)
    assert (server.host, server.link) == ("127.0.0.1", "http://127.0.0.1:8123/?key=a-key")


def test_without_the_extra_it_says_what_to_install(monkeypatch, capsys):
    """The library is an extra; its absence is told with the remedy."""
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    monkeypatch.delitem(sys.modules, "tui.serving", raising=False)
    assert cli.run(["tui", "--serve"]) == 2
    told = capsys.readouterr().err
    assert "textual_serve" in told
    assert "twin[web]" in told
