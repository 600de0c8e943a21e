"""Everything that can be known to be wrong before anything is sent."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from twin.engine.graph import reference_problems
from twin.resources import http_check
from twin.resources.aws import api as aws_api
from twin.resources.call import Call
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import unknown
from twin.resources.resource import Observed, Peers, Problem, Resource, Sensitive, drain
from twin.resources.scope import Scope
from twin.spec.secrets import ENV, FILE

Found = tuple[Declaration, Problem]


class StandIn(str):
    """A reply to a call that was not sent: whatever is asked of it, it answers with itself."""

    __slots__ = ()

    def __getitem__(self, _: Any) -> "StandIn":
        return self

    def get(self, *_: Any) -> "StandIn":
        """Answer as a mapping would."""
        return self

    def __iter__(self) -> Iterator["StandIn"]:
        return iter((self,))


CHECKS: Mapping[str, Callable[[Call], list[str]]] = {
    "auth0": http_check.check,
    "aws": aws_api.check,
    "cloudflare": http_check.check,
    "datadog": http_check.check,
    "github": http_check.check,
    "okta": http_check.check,
    "pagerduty": http_check.check,
}
# As long as the longest text that a service model wants at least, an ARN.
STAND_IN = StandIn("known-only-after-the-plan-has-been-applied")


def problems(desired: Desired, scope: Scope) -> list[Found]:
    """Return every problem of a desired org: references, the types' constraints, the vendors' own models."""
    found = list(reference_problems(desired))
    found += _duplicates(desired)
    resources = desired.resources()
    regions = {region: Peers(resources, scope.at(region)) for region in {d.address.region for d in desired}}
    for declaration in desired:
        peers = regions[declaration.address.region]
        own = [(declaration, p) for p in declaration.resource.check(declaration.address, peers)]
        found += own
        if not own:
            calls = drain(declaration.resource.create(peers.scope, declaration.address), STAND_IN)[0]
            found += [(declaration, p) for p in _refused_by_model(calls)]
    return found


def secret_problems(desired: Desired, absent: Callable[[str], str | None]) -> Iterator[Found]:
    """Yield secrets that are written out, and sources that `absent` says are not there; nothing is read."""
    for declaration in desired:
        for name in sorted(type(declaration.resource).marked(Sensitive)):
            source = getattr(declaration.resource, name)
            if source is None:
                continue
            if not source.startswith((ENV, FILE)):
                yield (
                    declaration,
                    Problem("TW0210", f"{name} is a secret written out", name, "write env:NAME or file:PATH"),
                )
            elif why := absent(source):
                yield declaration, Problem("TW0211", why, name, "set it, or name another source")


def update_problems(
    resource: Resource, declaration: Declaration, observed: Observed, changed: frozenset[str], scope: Scope
) -> list[Found]:
    """Return what the vendors' models refuse in the calls of an update."""
    here = scope.at(declaration.address.region)
    calls = drain(resource.update(here, declaration.address, observed, changed), STAND_IN)[0]
    return [(declaration, p) for p in _refused_by_model(calls)]


def _refused_by_model(calls: list[Call]) -> Iterator[Problem]:
    for call in calls:
        for line in CHECKS[call.system](call):
            yield Problem("TW0716", f"{call} refuses these parameters: {line}")


def _duplicates(desired: Desired) -> Iterator[Found]:
    holders: dict[tuple[str, tuple[Any, ...]], list[Declaration]] = defaultdict(list)
    for declaration in desired:
        resource = declaration.resource
        key = tuple(str(getattr(resource, name)) for name in resource.KEY)
        if key:
            holders[resource.TYPE, (declaration.address.region, *key)].append(declaration)
    for (type_, key), same in holders.items():
        for extra in same[1:]:
            named = ", ".join(f"{n} {v}" for n, v in zip(extra.resource.KEY, key[1:], strict=True) if not unknown(v))
            yield (
                extra,
                Problem(
                    "TW0714",
                    f"{extra.address} and {same[0].address} are the same {type_}: {named}",
                    extra.resource.KEY[0],
                ),
            )
