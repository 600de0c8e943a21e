"""What an org's sign-on and edge show when they are read back, held against the limits of its spec."""

from typing import TYPE_CHECKING

from twin.cli.console import say
from twin.cli.observed import NOT_SEEN
from twin.resources.call import Refused

if TYPE_CHECKING:
    from twin.analysis.exposure.finding import Finding
    from twin.engine.target import Target
    from twin.spec.model.org import Org

LEAST_TLS = "1.2"


def trust_findings(target: "Target", org: "Org | None") -> tuple[list["Finding"], list[str]]:
    """Return the findings about sign-on and edge, and what a vendor refuses to show, which is said and left out.

    Limits are the spec's, which is asked only about what it has; without a spec, those of one that says nothing.
    """
    found: list[Finding] = []
    gaps: list[str] = []
    for vendor, find, part in (("okta", _sign_on, "workforce"), ("cloudflare", _edge, "edge")):
        if vendor in target.systems and (org is None or getattr(org, part) is not None):
            try:
                found += find(target, org)
            except Refused as refused:
                gaps.append(f"{vendor}: {refused}")
                say(f"{NOT_SEEN}{gaps[-1]}", style="yellow")
    return found, gaps


def _sign_on(target: "Target", org: "Org | None") -> list["Finding"]:
    from twin.analysis.zero_trust import Limits, zero_trust
    from twin.analysis.zero_trust.report import sign_on_findings
    from twin.observe.iam.org import Door
    from twin.observe.iam.workforce import workforce
    from twin.observe.signon import read_sign_on
    from twin.spec.model.workforce import Sessions

    send = target.systems["okta"].execute
    sessions = org.workforce.sessions if org is not None and org.workforce is not None else Sessions()
    limits = Limits(int(sessions.idle.total_seconds()) // 60, int(sessions.lifetime.total_seconds()) // 60)
    doors = [one for one in workforce(send) if isinstance(one, Door)]
    return sign_on_findings(zero_trust(read_sign_on(send), limits, doors))


def _edge(target: "Target", org: "Org | None") -> list["Finding"]:
    from twin.analysis.zero_trust import Promise, edge_trust
    from twin.analysis.zero_trust.report import edge_findings
    from twin.observe.edge_zones import read_zones

    edge = org.edge if org is not None else None
    promise = Promise()
    if edge is not None:
        promise = Promise(least_tls=max(LEAST_TLS, edge.tls.min), hsts=edge.tls.hsts is not None)
    zones = read_zones(target.systems["cloudflare"].execute)
    return [one for zone in zones for one in edge_findings(edge_trust(zone, promise))]
