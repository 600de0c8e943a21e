"""What the edge of a world does with a kind of request, by its own decisions; nothing is counted or kept there."""

from twin.analysis.way.kind import Kind
from twin.analysis.way.present import Passed
from twin.semantics.edge import Asked, Broken, Forwarded, Memory, Returned, Visit, visit
from twin.world.edge.configuration import configuration, zone_of
from twin.world.edge.edge import Edge

BROWSER = {"user-agent": ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",)}
RAY = "1" * 16


class Willing:
    """The origins as they show their certificates; whether they answer is the network's to say, not the edge's."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge

    def __call__(self, sent: Forwarded) -> Returned | Broken:
        """Answer whatever the edge forwards, unless the two find no way to speak TLS."""
        found = self.edge.origin(sent)
        if isinstance(found, Broken):
            return found if found.failure == "handshake" else Returned(200)
        return Returned(200, {"content-type": ("text/plain",)}, b"", found.certificate)


def passed(edge: Edge, kind: Kind) -> Passed:
    """Return what the edge does with a kind of request, as its zone is configured now.

    Rate limits count by visitor, of whom there are many: they stop nobody here. Browsers pass challenges by themselves.
    """
    state = edge.state
    held = zone_of(state, kind.host.lower()) if state is not None else None
    if state is None or held is None:
        return Passed()
    method = "POST" if any(need.writes for need in kind.needs) else "GET"
    address = kind.visitor.partition("/")[0]
    asked = Asked(
        kind.host.lower(), kind.path, method=method, headers=BROWSER, ip=address,
        at=edge.scene.now().timestamp(), ray=RAY,
    )  # fmt: skip
    zone, memory, origin = configuration(state, held), Memory(), Willing(edge)
    first = visit(asked, zone, memory, origin)
    if first.by != "edge" or "cf-mitigated" in first.headers:
        return Passed(keeps=visit(asked, zone, memory, origin).by == "cache")
    return _stopped(first)


def _stopped(found: Visit) -> Passed:
    """Tell why the edge answers by itself."""
    if found.events and (found.status >= 400 or found.events[-1].source == "access"):
        last = found.events[-1]
        return Passed(blocked=f"Cloudflare's rule {last.description or last.rule} says {last.action}")
    if found.status >= 400 or not found.status:
        return Passed(failing=f"Cloudflare answers {found.code or found.status or found.failure} by itself")
    return Passed(answers=True)
