"""A request as it reaches the edge, and the fields that the rules language sees of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

EUROPEAN_UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Identity:
    """Who signed in to Access: what its rules can ask about a person."""

    email: str
    groups: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    """The `amr` values, RFC 8176."""
    provider: str = ""
    """The id of the identity provider."""


@dataclass(frozen=True)
class Asked:
    """A request: what the visitor's client sends, where it comes from, and how it connects.

    Header names are in lower case. `tls` is the highest version that the client offers, `tls_least` the lowest;
    `at` is the instant in seconds, `ray` the id of the request, from which choices are drawn.
    """

    host: str
    path: str = "/"
    query: str = ""
    method: str = "GET"
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "https"
    ip: str = "203.0.113.1"
    country: str = "XX"
    continent: str = ""
    asn: int = 64496
    region: str = ""
    colo: str = "AMS"
    tls: str = "1.3"
    tls_least: str = "1.2"
    http: str = "HTTP/2"
    port: int = 0
    at: float = 0.0
    ray: str = "0" * 16
    identity: Identity | None = None
    certificate: Mapping[str, Any] | None = None
    """The client certificate that was presented: `verified`, `common_name`."""
    latitude: float | None = None
    longitude: float | None = None
    bot_score: int | None = None
    verified_bot: bool = False

    @property
    def uri(self) -> str:
        """Return path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """Return the whole address."""
        return f"{self.scheme}://{self.host}{self.uri}"

    def header(self, name: str) -> str | None:
        """Return the first value of a header, None without it."""
        values = self.headers.get(name)
        return values[0] if values else None

    @cached_property
    def cookies(self) -> dict[str, list[str]]:
        """Return the cookies by name."""
        found: dict[str, list[str]] = {}
        for line in self.headers.get("cookie", ()):
            for pair in line.split(";"):
                name, sign, value = pair.strip().partition("=")
                if sign:
                    found.setdefault(name, []).append(value)
        return found

    def but(self, **changes: Any) -> "Asked":
        """Return the request with some parts changed."""
        return replace(self, **changes)


def arguments(query: str) -> dict[str, list[str]]:
    """Return the arguments of a query by name, undecoded names in their order."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def facts(asked: Asked, first: Asked, zone: str, plan: str) -> dict[str, Any]:
    """Return what rules can ask; `first` is the request before anything was rewritten.

    https://developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/
    """
    return {
        **_where(asked),
        **_address(asked, "http.request"),
        **_address(first, "raw.http.request"),
        **_lines(asked),
        "http.host": asked.host,
        "http.request.method": asked.method,
        "http.request.version": asked.http,
        "http.request.timestamp.sec": int(asked.at),
        "http.request.timestamp.msec": int(asked.at * 1000) % 1000,
        "http.request.body.size": len(asked.body),
        "http.request.body.truncated": False,
        "ssl": asked.scheme == "https",
        "cf.tls_version": f"TLSv{asked.tls}" if asked.scheme == "https" else "",
        "cf.ray_id": asked.ray,
        "cf.zone.name": zone,
        "cf.zone.plan": plan,
        "cf.client.bot": asked.verified_bot,
        "cf.bot_management.verified_bot": asked.verified_bot,
        "cf.bot_management.score": asked.bot_score,
        "cf.threat_score": 0,
        "cf.edge.server_port": asked.port or DEFAULT_PORTS[asked.scheme],
        "cf.tls_client_auth.cert_presented": asked.certificate is not None,
        "cf.tls_client_auth.cert_verified": bool(asked.certificate and asked.certificate.get("verified")),
    }


def _where(asked: Asked) -> dict[str, Any]:
    union = asked.country in EUROPEAN_UNION
    return {
        "ip.src": asked.ip,
        "ip.src.asnum": asked.asn,
        "ip.src.country": asked.country,
        "ip.src.continent": asked.continent,
        "ip.src.is_in_european_union": union,
        "ip.geoip.asnum": asked.asn,
        "ip.geoip.country": asked.country,
        "ip.geoip.continent": asked.continent,
        "ip.geoip.is_in_european_union": union,
        "cf.colo.name": asked.colo,
    }


def _address(asked: Asked, under: str) -> dict[str, Any]:
    given = arguments(asked.query)
    last = asked.path.rpartition("/")[2]
    return {
        f"{under}.uri": asked.uri,
        f"{under}.uri.path": asked.path,
        f"{under}.uri.path.extension": last.rpartition(".")[2].lower() if "." in last else "",
        f"{under}.uri.query": asked.query,
        f"{under}.full_uri": asked.url,
        f"{under}.uri.args": given,
        f"{under}.uri.args.names": list(given),
        f"{under}.uri.args.values": [value for values in given.values() for value in values],
    }


def _lines(asked: Asked) -> dict[str, Any]:
    headers = {name: list(values) for name, values in asked.headers.items()}
    return {
        "http.request.headers": headers,
        "http.request.headers.names": list(headers),
        "http.request.headers.values": [value for values in headers.values() for value in values],
        "http.request.headers.truncated": False,
        "http.request.cookies": asked.cookies,
        "http.cookie": asked.header("cookie") or "",
        "http.referer": asked.header("referer") or "",
        "http.user_agent": asked.header("user-agent") or "",
        "http.x_forwarded_for": asked.header("x-forwarded-for") or "",
    }


def answered(code: int, headers: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return what rules of the response phases can ask besides."""
    lines = {name: list(values) for name, values in headers.items()}
    media = lines.get("content-type", [""])[0].partition(";")[0].strip()
    return {
        "http.response.code": code,
        "http.response.headers": lines,
        "http.response.headers.names": list(lines),
        "http.response.headers.values": [value for values in lines.values() for value in values],
        "http.response.content_type.media_type": media,
    }
