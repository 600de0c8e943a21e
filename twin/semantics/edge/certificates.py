"""Whether a certificate covers a host: an exact name, or a wildcard over one label."""

from collections.abc import Iterable

from twin.semantics.edge.configuration import Row


def covers(names: Iterable[str], host: str) -> bool:
    """Tell whether one of a certificate's names is the host's; `*.` stands for exactly one label, RFC 6125."""
    _, _, parent = host.partition(".")
    return any(name.lower() in (host, f"*.{parent}") for name in names)


def pack_for(packs: Iterable[Row], host: str) -> Row | None:
    """Return the active certificate pack that answers for a host; an exact name goes before a wildcard.

    Universal certificates cover the apex and one level of subdomains.
    https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/
    """
    held = [pack for pack in packs if pack.get("status") == "active" and covers(pack["hosts"], host)]
    held.sort(key=lambda pack: host not in pack["hosts"])
    return held[0] if held else None
