"""Sessions that live longer than the spec allows."""

from collections.abc import Iterator

from twin.analysis.zero_trust.deciding import deciding, logins
from twin.analysis.zero_trust.finding import Finding
from twin.observe.signon import SignOn
from twin.semantics.signon.demands import access_of, session_of


def long_sessions(org: SignOn, *, idle_minutes: int, lifetime_minutes: int) -> Iterator[Finding]:
    """Yield each rule that opens sessions for somebody which outlive a limit, in minutes; without an end they do."""
    for policy, rule, held in deciding(org.sessions, org.people):
        if access_of(rule, "signon") == "DENY":
            continue
        session = session_of(rule)
        lifetime = session.lifetime
        told = []
        if lifetime is None or lifetime > lifetime_minutes:
            ends = "never end by age" if lifetime is None else f"live up to {lifetime} minutes"
            told.append(f"{ends}, where the spec says {lifetime_minutes}")
        if session.idle > idle_minutes:
            told.append(f"stay open {session.idle} idle minutes, where the spec says {idle_minutes}")
        if told:
            yield Finding(
                "session-outlives-its-limit",
                str(policy["name"]),
                str(policy["name"]),
                str(rule["name"]),
                f"sessions {' and '.join(told)}",
                f"set the rule to {lifetime_minutes} minutes of lifetime and {idle_minutes} of idle time",
                logins(held),
            )
