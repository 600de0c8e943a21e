"""The way to the origin: where it is, how it is reached under the zone's SSL mode, and what a failure becomes."""

from collections.abc import Iterator

from twin.semantics.edge.asked import DEFAULT_PORTS
from twin.semantics.edge.balancing import Balanced, balance
from twin.semantics.edge.certificates import covers
from twin.semantics.edge.configuration import Row
from twin.semantics.edge.dns import ADDRESSES, Resolved
from twin.semantics.edge.draws import share
from twin.semantics.edge.origin import Broken, Forwarded, Origin, Returned
from twin.semantics.edge.outcome import Lines
from twin.semantics.edge.reference import fact
from twin.semantics.edge.way import Way

ENCRYPTED = {"full": False, "strict": True, "origin_pull": True}
"""The SSL modes that speak TLS to the origin, and whether they look at its certificate."""
TRIED_AGAIN = ("refused", "timeout", "unreachable")
HOP = ("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")


def targets(way: Way, resolved: Resolved) -> tuple[list[Forwarded], Balanced | None]:
    """Return the ways to try, in their order: a balancer's origins, else the name's records."""
    if resolved.balancer is not None:
        known = way.evaluation.fields if resolved.balancer.get("rules") else {}
        said = balance(way.zone, resolved.balancer, way.asked, known)
        return [_to_origin(way, said.pool, origin) for origin in said.origins], said
    held = [row for row in resolved.records if row["type"] in ADDRESSES and row.get("proxied")]
    held.sort(key=lambda row: share(way.first.ray, str(row["content"])))
    return [_forward(way, str(row["content"])) for row in held], None


def _to_origin(way: Way, pool: str, origin: Row) -> Forwarded:
    host = ((origin.get("header") or {}).get("Host") or [way.first.host])[0]
    return _forward(
        way, str(origin["address"]), host=host, port=int(origin.get("port") or 0), pool=pool, name=origin["name"]
    )


def _forward(
    way: Way, address: str, *, host: str | None = None, port: int = 0, pool: str = "", name: str = ""
) -> Forwarded:
    """Build the request to an origin under the SSL mode and the origin rules.

    https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/ and /rules/origin-rules/features/
    """
    mode = str(way.settings["ssl"])
    scheme = "https" if mode == "origin_pull" or (mode in ENCRYPTED and way.first.scheme == "https") else "http"
    given = way.first.port if way.first.port not in DEFAULT_PORTS.values() and scheme == way.first.scheme else 0
    own = way.route.get("origin") or {}
    header = way.route.get("host_header") or host or way.first.host
    return Forwarded(
        address=own.get("host") or address,
        port=own.get("port") or port or given or fact("origin_ports")[scheme],
        scheme=scheme,
        host_header=header,
        sni=(way.route.get("sni") or {}).get("value") or header,
        asked=way.asked,
        headers=_added(way),
        pool=pool,
        origin=name,
    )


def _added(way: Way) -> Lines:
    """Return the headers that reach the origin, with those that Cloudflare adds.

    https://developers.cloudflare.com/fundamentals/reference/http-headers/
    """
    first = way.first
    chain = ", ".join((*way.asked.headers.get("x-forwarded-for", ()), first.ip))
    return {
        **{name: values for name, values in way.asked.headers.items() if name not in HOP},
        "cf-connecting-ip": (first.ip,),
        "cf-ipcountry": (first.country,),
        "cf-ray": (f"{first.ray}-{first.colo}",),
        "cf-visitor": (f'{{"scheme":"{first.scheme}"}}',),
        "x-forwarded-for": (chain,),
        "x-forwarded-proto": (first.scheme,),
        "cdn-loop": ("cloudflare; loops=1",),
    }


def fetch(way: Way, ways: list[Forwarded], origin: Origin) -> tuple[Returned | str, Forwarded | None]:
    """Ask the origins one after the other until one answers; returns the answer or the last failure.

    Another record or origin is tried when a connection cannot be made (zero-downtime failover).
    https://developers.cloudflare.com/fundamentals/reference/zero-downtime-failover/
    """
    failure, sent = "dns", None
    for sent in ways:
        answer = origin(sent)
        way.log.add("origin", _said(sent, answer), rule=sent.origin)
        if isinstance(answer, Returned):
            wrong = _certificate_wrong(way, sent, answer)
            return (answer, sent) if wrong is None else ("certificate", sent)
        failure = answer.failure
        if failure not in TRIED_AGAIN:
            break
    return failure, sent


def _said(sent: Forwarded, answer: Returned | Broken) -> str:
    said = answer.failure if isinstance(answer, Broken) else str(answer.status)
    return f"{sent.scheme}://{sent.address}:{sent.port} {said}"


def _certificate_wrong(way: Way, sent: Forwarded, answer: Returned) -> str | None:
    """Return what Full (strict) finds wrong with an origin's certificate: its authority, its end, its names."""
    if sent.scheme != "https" or not ENCRYPTED.get(str(way.settings["ssl"]), False):
        return None
    wrong = next(_flaws(sent, answer, way.first.at), None)
    if wrong is not None:
        way.log.add("origin", f"certificate: {wrong}")
    return wrong


def _flaws(sent: Forwarded, answer: Returned, at: float) -> Iterator[str]:
    shown = answer.certificate
    if shown is None:
        yield "none shown"
        return
    if not shown.trusted:
        yield "nobody trusted vouches for it"
    if shown.not_after <= at:
        yield "expired"
    if not covers(shown.names, sent.sni):
        yield f"not for {sent.sni}"
