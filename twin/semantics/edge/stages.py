"""A whole visit, stage by stage: DNS, TLS, the request's phases, cache, origin, the response's phases."""

from dataclasses import replace

from twin.semantics.edge import caching
from twin.semantics.edge.asked import Asked
from twin.semantics.edge.cache_key import cache_key
from twin.semantics.edge.configuration import Zone
from twin.semantics.edge.dns import ADDRESSES, Resolved, resolve
from twin.semantics.edge.memory import Kept, Memory
from twin.semantics.edge.origin import Broken, Forwarded, Origin, Returned
from twin.semantics.edge.origin_way import fetch, targets
from twin.semantics.edge.outcome import Log, Visit
from twin.semantics.edge.replies import Reply, failed, redirect
from twin.semantics.edge.request_phases import count_responses, pass_phases
from twin.semantics.edge.responses import finished, pass_back
from twin.semantics.edge.transport import handshake, moved
from twin.semantics.edge.way import Way, begin

UNFRESH = ("EXPIRED", "MISS")


def visit(asked: Asked, zone: Zone, memory: Memory, origin: Origin) -> Visit:
    """Take a request from the visitor's resolver to the answer; `memory` is changed by what is counted and kept."""
    log = Log()
    resolved = resolve(zone, asked.host)
    log.add("dns", resolved.said)
    if not resolved.proxied:
        return _direct(asked, zone, resolved, origin, log)
    addresses = tuple(answer.content for answer in resolved.answers)
    failure = handshake(zone, asked, log)
    if failure is not None:
        return Visit(0, {}, b"", "edge", asked.ray, failure=failure, trace=tuple(log.steps), addresses=addresses)
    way = begin(zone, memory, asked, log)
    found = _through(way, resolved, origin)
    return replace(found, trace=tuple(log.steps), events=tuple(log.events), addresses=addresses)


def _direct(asked: Asked, zone: Zone, resolved: Resolved, origin: Origin, log: Log) -> Visit:
    """Go to the origin past the edge, for names that are not proxied; nothing of the edge's acts on it."""
    if resolved.balancer is not None:
        way = begin(zone, Memory(), asked, log)
        ways, _ = targets(way, resolved)
        addresses = [(sent.address, sent.port) for sent in ways]
    else:
        held = [str(row["content"]) for row in resolved.records if row["type"] in ADDRESSES]
        addresses = [(address, asked.port or (443 if asked.scheme == "https" else 80)) for address in held]
    if not addresses:
        return Visit(0, {}, b"", "dns", asked.ray, failure="NXDOMAIN", trace=tuple(log.steps))
    address, port = addresses[0]
    sent = Forwarded(address, port, asked.scheme, asked.host, asked.host, asked, asked.headers)
    answer = origin(sent)
    shown = tuple(address for address, _ in addresses)
    if isinstance(answer, Broken):
        log.add("origin", answer.failure)
        return Visit(0, {}, b"", "dns", asked.ray, failure=answer.failure, trace=tuple(log.steps), addresses=shown)
    log.add("origin", str(answer.status))
    return Visit(
        answer.status,
        answer.headers,
        answer.body,
        "dns",
        asked.ray,
        origin=address,
        trace=tuple(log.steps),
        addresses=shown,
    )


def _through(way: Way, resolved: Resolved, origin: Origin) -> Visit:
    target = moved(way.zone, way.asked, way.settings, way.log)
    reply = redirect(301, target) if target else pass_phases(way)
    if reply is None:
        target = moved(way.zone, way.asked, way.settings, way.log) if way.settings["ssl"] == "off" else None
        reply = redirect(301, target) if target else None
    if reply is not None:
        return _made(way, _answered(way, reply), "")
    return _cached(way, resolved, origin)


def _answered(way: Way, reply: Reply) -> Reply:
    """Take an answer of the edge's own back; rate limits that count responses count it too."""
    passed = pass_back(way, reply)
    count_responses(way, asked_origin=False)
    return passed


def _cached(way: Way, resolved: Resolved, origin: Origin) -> Visit:
    """Answer from the cache, or ask the origin and keep what may be kept."""
    if not caching.eligible(way.zone, way.asked, way.caching):
        return _fetched(way, resolved, origin, "DYNAMIC")
    key = cache_key(way.zone, way.asked, way.caching)
    kept, fresh = caching.found(way.memory, way.asked, key)
    if kept is not None and fresh:
        way.log.add("cache", "HIT")
        return _served(way, kept, "HIT")
    return _fetched(way, resolved, origin, "EXPIRED" if kept is not None else "MISS", key, kept)


def _served(way: Way, kept: Kept, status: str) -> Visit:
    lines = {**kept.headers, "age": (str(int(way.asked.at - kept.stored)),)}
    lines |= caching.browser_lines(way.zone, kept.headers, way.caching, way.asked.at)
    body = b"" if way.asked.method == "HEAD" else kept.body
    reply = pass_back(way, Reply(kept.status, lines, body, by="cache"))
    count_responses(way, asked_origin=False)
    return _made(way, reply, status)


def _fetched(
    way: Way, resolved: Resolved, origin: Origin, cache: str, key: str = "", kept: Kept | None = None
) -> Visit:
    if kept is not None and "etag" in kept.headers:
        way.asked = way.asked.but(headers={**way.asked.headers, "if-none-match": kept.headers["etag"]})
    ways, said = targets(way, resolved)
    if said is not None:
        way.log.add("load balancer", said.said, rule=said.pool)
    if said is not None and said.fixed:
        kind = (said.fixed.get("content_type") or "text/plain",)
        fixed = Reply(said.fixed.get("status_code", 200), {"content-type": kind}, _text(said.fixed))
        return _made(way, _answered(way, fixed), "")
    answer, sent = fetch(way, ways, origin)
    if isinstance(answer, str) or answer.status >= 500:
        stale = kept is not None and way.asked.at < kept.stored + kept.seconds + kept.stale_seconds
        if kept is not None and stale:
            return _served(way, kept, "STALE")
    if isinstance(answer, str):
        return _made(way, _answered(way, failed(answer)), "", sent)
    if answer.status == 304 and kept is not None:
        return _revalidated(way, kept, answer, sent)
    lines = dict(answer.headers)
    if cache in UNFRESH:
        cache = _keep(way, key, answer, lines, cache)
    if said is not None and said.cookie:
        lines["set-cookie"] = (*lines.get("set-cookie", ()), said.cookie)
    reply = pass_back(way, Reply(answer.status, lines, answer.body, by="origin"))
    count_responses(way, asked_origin=True)
    return _made(way, reply, cache, sent)


def _keep(way: Way, key: str, answer: Returned, lines: dict[str, tuple[str, ...]], cache: str) -> str:
    """Keep an answer if it may be; returns the cache status, and changes the lines that the visitor gets."""
    seconds = caching.keep_seconds(way.asked, answer, way.caching)
    if seconds <= 0:
        way.memory.objects.pop((way.asked.colo, key), None)
        way.log.add("cache", "BYPASS")
        return "BYPASS"
    caching.keep(way.memory, way.asked, key, answer, seconds)
    lines.pop("set-cookie", None)
    lines.pop("cache-tag", None)
    lines |= caching.browser_lines(way.zone, answer.headers, way.caching, way.asked.at)
    way.log.add("cache", f"{cache}, kept for {seconds:g} s")
    return cache


def _revalidated(way: Way, kept: Kept, answer: Returned, sent: Forwarded | None) -> Visit:
    """Renew an object that the origin says has not changed."""
    kept.stored = way.asked.at
    kept.seconds = caching.keep_seconds(
        way.asked, Returned(kept.status, {**kept.headers, **answer.headers}), way.caching
    )
    served = _served(way, kept, "REVALIDATED")
    return replace(served, origin=sent.address if sent else "", pool=sent.pool if sent else "")


def _text(fixed: dict[str, object]) -> bytes:
    return str(fixed.get("message_body") or "").encode()


def _made(way: Way, reply: Reply, cache: str, sent: Forwarded | None = None) -> Visit:
    return Visit(
        reply.status,
        finished(way, reply, cache),
        reply.body,
        reply.by,
        way.first.ray,
        code=reply.code,
        cache=cache,
        origin=sent.address if sent else "",
        pool=sent.pool if sent else "",
    )
