"""Groups and people of Okta who take an AWS role without a second factor at any step of the way."""

from collections.abc import Callable, Iterable, Iterator

from twin.analysis.zero_trust.deciding import deciding, logins
from twin.analysis.zero_trust.finding import Finding
from twin.observe.iam.org import Door
from twin.observe.signon import Record, SignOn, Someone

GROUP, PERSON = "okta:group/", "okta:user/"
Asks = Callable[[Record], int]
Let = tuple[Record, list[Someone]]


def roles_without_mfa(org: SignOn, doors: Iterable[Door]) -> Iterator[Finding]:
    """Yield each door to an AWS role through which somebody comes with one factor only.

    A second factor may be asked for by the global session policy or by the app's own policy; either is enough.
    """
    single = {someone.id for _, people in _single(org.sessions, org.people, _session_asks) for someone in people}
    policies = {str(policy["id"]): policy for policy in org.policies}
    for door in doors:
        for app in org.apps:
            if app.label != door.app or app.policy not in policies:
                continue
            coming = [one for one in org.people if one.id in app.people and one.id in single and _through(one, door)]
            for rule, people in _single([policies[app.policy]], coming, _app_asks):
                yield _finding(door, policies[app.policy], rule, people)


def _single(policies: Iterable[Record], people: Iterable[Someone], asks: Asks) -> Iterator[Let]:
    """Yield the rules that let somebody in with one factor."""
    for _, rule, held in deciding(policies, people):
        if asks(rule) == 1:
            yield rule, held


def _session_asks(rule: Record) -> int:
    """Return how many factors a global session rule asks for, none when it denies."""
    sign_on = rule["actions"]["signon"]
    if sign_on.get("access") == "DENY":
        return 0
    return 2 if sign_on.get("requireFactor") else 1


def _app_asks(rule: Record) -> int:
    """Return how many factors an app's rule asks for, none when it denies."""
    sign_on = rule["actions"]["appSignOn"]
    if sign_on.get("access") == "DENY":
        return 0
    method = sign_on.get("verificationMethod") or {}
    if method.get("type") == "AUTH_METHOD_CHAIN":
        chains = method.get("chains") or [{}]
        return 1 if any(not chain.get("next") for chain in chains) else 2
    return 2 if method.get("factorMode") == "2FA" else 1


def _through(someone: Someone, door: Door) -> bool:
    if door.holder.startswith(GROUP):
        return door.holder.removeprefix(GROUP) in {name for _, name in someone.groups}
    return door.holder == f"{PERSON}{someone.login}"


def _finding(door: Door, policy: Record, rule: Record, people: list[Someone]) -> Finding:
    who = door.holder.removeprefix("okta:")
    return Finding(
        "aws-role-without-mfa",
        door.role,
        str(policy["name"]),
        str(rule["name"]),
        f"{who} takes {door.role} through {door.app} with one factor",
        "require two factors in the app's policy or in the global session policy",
        logins(people),
    )
