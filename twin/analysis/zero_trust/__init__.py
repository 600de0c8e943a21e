"""Zero trust of the workforce: how people sign in, held against what the spec promises.

`zero_trust(org, limits, doors)` gives every finding over an org that `twin.observe.signon` read back;
`edge_trust(zone, promise, admits)` every one about a Cloudflare zone, `differing(changes)` what left its spec.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from twin.analysis.zero_trust.apps import weak_apps
from twin.analysis.zero_trust.aws_roles import roles_without_mfa
from twin.analysis.zero_trust.edge import EdgeFinding, Promise, differing, edge_trust
from twin.analysis.zero_trust.finding import Finding
from twin.analysis.zero_trust.sessions import long_sessions
from twin.observe.iam.org import Door
from twin.observe.signon import SignOn

__all__ = [
    "EdgeFinding",
    "Finding",
    "Limits",
    "Promise",
    "differing",
    "edge_trust",
    "long_sessions",
    "roles_without_mfa",
    "weak_apps",
    "zero_trust",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the spec says of sessions, in minutes."""

    idle_minutes: int
    lifetime_minutes: int


def zero_trust(org: SignOn, limits: Limits, doors: Iterable[Door] = ()) -> list[Finding]:
    """Return all findings, sorted."""
    found = [
        *weak_apps(org),
        *long_sessions(org, idle_minutes=limits.idle_minutes, lifetime_minutes=limits.lifetime_minutes),
        *roles_without_mfa(org, doors),
    ]
    return sorted(found)
