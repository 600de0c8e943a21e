"""Two ways at once: some visitors take the one, the others the other."""

from dataclasses import replace

from twin.analysis.way.kind import Chances

Told = tuple[tuple[str, float], ...]


def mixed(most: Chances, others: Chances, share: float) -> Chances:
    """Return the chances of all visitors, of which `share` take the way of `others`."""
    rest = 1.0 - share
    return replace(
        most,
        always=_sum(most.always, others.always, share),
        again=_sum(most.again, others.again, share),
        cached=rest * most.cached + share * others.cached,
        blocked=rest * most.blocked + share * others.blocked,
        stopped=most.stopped or others.stopped,
        servers=max(most.servers, others.servers),
        pods=max(most.pods, others.pods),
        stores=most.stores or others.stores,
    )


def _sum(most: Told, others: Told, share: float) -> Told:
    found = {why: (1.0 - share) * part for why, part in most}
    for why, part in others:
        found[why] = found.get(why, 0.0) + share * part
    return tuple(found.items())
