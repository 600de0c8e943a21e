"""Purging the cache of a zone: everything, or files, tags, hosts, prefixes; the edge carries it out."""

from typing import Any
from urllib.parse import urlsplit

from twin.wire import Response
from twin.world.saas.cloudflare.body import object_body, required, typed
from twin.world.saas.cloudflare.envelope import refusal, success
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State, Zone
from twin.world.saas.router import Hit

LISTS = ("files", "tags", "hosts", "prefixes")


@route("POST", "/zones/{zone_id}/purge_cache")
def purge_cache(state: State, hit: Hit) -> Response:
    """Purge; the answer is the zone's id."""
    zone, body = state.zone(hit), object_body(hit)
    if typed(body, "purge_everything", "boolean"):
        what: dict[str, Any] = {"purge_everything": True}
    else:
        named = [name for name in LISTS if typed(body, name, "list")]
        if not named:
            raise refusal("purge-shape")
        what = {name: _items(zone, name, required(body, name, "list")) for name in named}
    state.purges.append((zone.name, what))
    return success({"id": zone.id})


def _items(zone: Zone, name: str, items: list[Any]) -> list[Any]:
    limit = reference("purging", "limits")[zone.plan] if name == "files" else reference("purging", "others")
    if len(items) > limit:
        raise refusal("purge-many", limit=limit, what=name)
    for item in items:
        text = item.get("url") if isinstance(item, dict) and name == "files" else item
        if not isinstance(text, str) or not text:
            raise refusal("purge-shape")
        if name != "tags" and not _within(zone, name, text):
            raise refusal("purge-host", url=text)
    return items


def _within(zone: Zone, name: str, text: str) -> bool:
    host = urlsplit(text).hostname if name == "files" else text.partition("/")[0]
    return host is not None and (host == zone.name or host.endswith(f".{zone.name}"))
