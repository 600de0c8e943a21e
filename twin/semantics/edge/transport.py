"""The connection from the visitor to the edge: TLS versions, certificates, and the way from http to https."""

from twin.semantics.edge.asked import Asked
from twin.semantics.edge.certificates import pack_for
from twin.semantics.edge.configuration import Zone
from twin.semantics.edge.outcome import Lines, Log

VERSIONS = ("1.0", "1.1", "1.2", "1.3")


def negotiated(zone: Zone, asked: Asked) -> str | None:
    """Return the TLS version that both ends speak, None when there is none.

    https://developers.cloudflare.com/ssl/edge-certificates/additional-options/minimum-tls/
    """
    high = VERSIONS.index(asked.tls)
    if high == 3 and zone.setting("tls_1_3") == "off":
        high = 2
    least = max(VERSIONS.index(zone.setting("min_tls_version")), VERSIONS.index(asked.tls_least))
    return VERSIONS[high] if high >= least else None


def handshake(zone: Zone, asked: Asked, log: Log) -> str | None:
    """Return why the handshake fails, None when it holds; plain http has none."""
    if asked.scheme != "https":
        return None
    pack = pack_for(zone.packs, asked.host)
    if pack is None:
        log.add("tls", f"no certificate covers {asked.host}")
        return "handshake_failure"
    version = negotiated(zone, asked)
    if version is None:
        log.add("tls", f"TLS {asked.tls} is below {zone.setting('min_tls_version')}")
        return "protocol_version"
    log.add("tls", f"TLS {version}", rule=str(pack.get("id", "")))
    return None


def moved(zone: Zone, asked: Asked, settings: dict[str, object], log: Log) -> str | None:
    """Return where http is sent to, or https where the zone has none; None when the request may go on.

    https://developers.cloudflare.com/ssl/edge-certificates/additional-options/always-use-https/
    https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/off/
    """
    if asked.scheme == "https" and settings["ssl"] == "off":
        log.add("tls", "SSL mode off sends https to http")
        return f"http://{asked.host}{asked.uri}"
    if asked.scheme == "http" and zone.setting("always_use_https") == "on" and settings["ssl"] != "off":
        log.add("tls", "Always Use HTTPS")
        return f"https://{asked.host}{asked.uri}"
    return None


def promises(zone: Zone, asked: Asked) -> Lines:
    """Return the headers of HTTP Strict Transport Security, for answers over https.

    https://developers.cloudflare.com/ssl/edge-certificates/additional-options/http-strict-transport-security/
    """
    setting = (zone.setting("security_header") or {}).get("strict_transport_security") or {}
    if asked.scheme != "https" or not setting.get("enabled"):
        return {}
    value = f"max-age={int(setting.get('max_age') or 0)}"
    value += "; includeSubDomains" if setting.get("include_subdomains") else ""
    value += "; preload" if setting.get("preload") else ""
    lines: dict[str, tuple[str, ...]] = {"strict-transport-security": (value,)}
    if setting.get("nosniff"):
        lines["x-content-type-options"] = ("nosniff",)
    return lines
