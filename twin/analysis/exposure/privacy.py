"""What is private, and packets from the internet get there all the same."""

from collections.abc import Iterator

from twin.analysis.exposure.cutting import mend
from twin.analysis.exposure.finding import Finding, hops
from twin.analysis.exposure.places import is_public, named
from twin.analysis.passage.ends import INTERNET, End
from twin.analysis.passage.openings import Opening
from twin.analysis.passage.passages import Leg, View

RULE = "network.private-from-internet"


def find(view: View) -> Iterator[Finding]:
    """Find interfaces of databases, functions and private subnets that the internet reaches past no balancer.

    A database counts behind a balancer too.
    """
    data = {end: one.id for one in view.topology.databases.values() for end in one.interfaces}
    inner = {end: one.id for one in view.topology.functions.values() for end in one.interfaces}
    balancers = {end for one in view.topology.load_balancers.values() for end in one.interfaces}
    for opening in view.openings:
        for name in opening.arrives:
            behind = opening.interface in balancers and name != opening.interface
            private = not is_public(view, view.topology.interfaces[name].subnet) and name not in balancers
            if name in data or ((name in inner or private) and not behind):
                yield _finding(view, opening, name, data.get(name) or inner.get(name) or name)
    yield from _clusters(view)


def _finding(view: View, opening: Opening, name: str, what: str) -> Finding:
    leg = Leg(INTERNET, name, opening.witness)
    back = "" if opening.witness.returns else ", though no reply comes back"
    who = "everyone" if opening.everyone else "some addresses"
    return Finding(
        RULE,
        "high" if opening.witness.returns else "medium",
        f"the internet ({who}) reaches {named(view, what)} by {opening.address} on {opening.service}{back}",
        tuple(dict.fromkeys((what, name, opening.interface))),
        hops(leg),
        mend(view, End(INTERNET, INTERNET), End("interface", opening.interface, (opening.interface,))),
    )


def _clusters(view: View) -> Iterator[Finding]:
    for cluster in view.topology.clusters.values():
        if {"0.0.0.0/0", "::/0"} & set(cluster.public):
            yield Finding(
                RULE,
                "medium",
                f"everyone reaches the API server of the cluster {cluster.id}",
                (cluster.id,),
                (f"its public endpoint admits {', '.join(cluster.public)}",),
                "admit the addresses that need it (publicAccessCidrs), or turn the public endpoint off",
            )
