"""Purging: what a call to purge takes out of the cache.

https://developers.cloudflare.com/cache/how-to/purge-cache/
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from twin.semantics.edge.memory import Kept, Memory


def purge(memory: Memory, what: Mapping[str, Any], zone: str) -> int:
    """Take objects of a zone out of every data center; returns how many went.

    `what` is the body of the call: `purge_everything`, or one of `files`, `tags`, `hosts`, `prefixes`.
    """
    gone = [
        place
        for place, kept in memory.objects.items()
        if (kept.host == zone or kept.host.endswith(f".{zone}")) and _meant(kept, what)
    ]
    for place in gone:
        del memory.objects[place]
    return len(gone)


def _meant(kept: Kept, what: Mapping[str, Any]) -> bool:
    if what.get("purge_everything"):
        return True
    files = [item if isinstance(item, str) else item["url"] for item in what.get("files") or ()]
    if any(_same(kept.url, file) for file in files):
        return True
    tags = {tag.lower() for tag in what.get("tags") or ()}
    if tags & {tag.lower() for tag in kept.tags} or kept.host in (what.get("hosts") or ()):
        return True
    address = kept.url.partition("://")[2]
    return any(_below(address, prefix) for prefix in what.get("prefixes") or ())


def _same(url: str, file: str) -> bool:
    """Compare addresses; the path's case counts, the host's does not."""
    one, other = urlsplit(url), urlsplit(file)
    if (one.scheme, one.netloc.lower()) != (other.scheme, other.netloc.lower()):
        return False
    return (one.path or "/", one.query) == (other.path or "/", other.query)


def _below(address: str, prefix: str) -> bool:
    """Tell whether an address lies below a prefix, which ends at a slash of the path: `www.example.com/foo`."""
    prefix = prefix.rstrip("/")
    return address == prefix or address.startswith((f"{prefix}/", f"{prefix}?"))
