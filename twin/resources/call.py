"""One call to a vendor as data; resource verbs yield calls and are sent the replies."""

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

Result = TypeVar("Result")
Steps = Generator["Call | Together", Any, Result]
"""A verb in progress: it yields calls, is sent each reply, and returns its result."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a vendor's API, not yet sent.

    AWS: `service` and `operation` are botocore's (`ec2`, `CreateVpc`), `params` its parameters, and with `pages`
    every page is fetched and merged. Auth0, Cloudflare, GitHub, Okta: `operation` is the HTTP method, `service` the
    path after the API's base, `params` hold `query` and `json`; with `pages` the items of every page come as one list.
    The reply is the decoded body: botocore's mapping; Cloudflare's `result`; Auth0's, GitHub's and Okta's JSON.
    `absent` lists the error codes that mean "there is no such thing", for which the reply is None.
    """

    system: str
    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None
    pages: bool = False
    absent: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A text equal for equal calls, by which one refresh sends the same read only once."""
        return json.dumps(
            [self.system, self.service, self.operation, self.region, self.params, self.pages, self.absent],
            sort_keys=True,
            default=str,
        )

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}" if self.system == "aws" else f"{self.operation} {self.service}"


@dataclass(frozen=True, slots=True)
class Together:
    """Verbs of which none needs another's result: whoever drives them may do so side by side; the reply is a list."""

    parts: tuple[Steps[Any], ...]


def together(parts: Iterable[Steps[Result]]) -> Steps[list[Result]]:
    """Run verbs that do not need one another; returns their results in their order."""
    results: list[Result] = yield Together(tuple(parts))
    return results


def sent(call: Call) -> Steps[Any]:
    """Send a call as a verb of its own; returns the reply."""
    return (yield call)


class Refused(Exception):
    """A vendor answered a call with an error.

    `code` is the vendor's own (`BucketAlreadyExists`, `81057`, `E0000001`); `status` the HTTP status;
    `transient` says that the same call may succeed later.
    """

    def __init__(self, call: Call, code: str, message: str, *, status: int, transient: bool = False) -> None:
        super().__init__(f"{call}: {code}: {message}")
        self.call, self.code, self.message, self.status, self.transient = call, code, message, status, transient


def aws(service: str, operation: str, params: Mapping[str, Any] | None = None, **options: Any) -> Call:
    """Make an AWS call; parameters that are None are left out. `options` are `Call`'s region, pages, absent."""
    return Call("aws", service, operation, {k: v for k, v in (params or {}).items() if v is not None}, **options)


def cloudflare(
    method: str, path: str, json: Any = None, query: Mapping[str, Any] | None = None, **options: Any
) -> Call:
    """Make a Cloudflare call; `path` starts after `/client/v4`."""
    return Call("cloudflare", path, method, _http(json, query), **options)


def dashboard(
    method: str, path: str, json: Any = None, query: Mapping[str, Any] | None = None, **options: Any
) -> Call:  # fmt: skip
    """Ask for a page of Cloudflare's dashboard, `/login`."""
    return Call("dashboard", path, method, _http(json, query), **options)


def okta(method: str, path: str, json: Any = None, query: Mapping[str, Any] | None = None, **options: Any) -> Call:
    """Make an Okta call; `path` starts after the org's URL, as in `/api/v1/users`."""
    return Call("okta", path, method, _http(json, query), **options)


def auth0(method: str, path: str, json: Any = None, query: Mapping[str, Any] | None = None, **options: Any) -> Call:
    """Make an Auth0 call; `path` starts after the tenant's domain, as in `/api/v2/clients`."""
    return Call("auth0", path, method, _http(json, query), **options)


def pagerduty(method: str, path: str, json: Any = None, query: Mapping[str, Any] | None = None, **options: Any) -> Call:
    """Make a call to PagerDuty's REST API; `path` starts after its host, as in `/services`."""
    return Call("pagerduty", path, method, _http(json, query), **options)


def datadog(method: str, path: str, json: Any = None, query: Mapping[str, Any] | None = None, **options: Any) -> Call:
    """Make a Datadog call; `path` starts after the host, as in `/api/v1/monitor`."""
    return Call("datadog", path, method, _http(json, query), **options)


def github(method: str, path: str, json: Any = None, query: Mapping[str, Any] | None = None, **options: Any) -> Call:
    """Make a GitHub call; `path` starts after the API's host, as in `/repos/acme/infra`."""
    return Call("github", path, method, _http(json, query), **options)


def _http(json: Any, query: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**({"json": json} if json is not None else {}), **({"query": dict(query)} if query else {})}


def placed(steps: Steps[Result], region: str) -> Steps[Result]:
    """Run a verb in a Region: its calls to AWS that name none go there; "" leaves them as they are."""
    if not region:
        return steps
    return _placed(steps, region)


def _placed(steps: Steps[Result], region: str) -> Steps[Result]:
    try:
        call = next(steps)
        while True:
            try:
                reply = yield _put(call, region)
            except Refused as refused:
                call = steps.throw(refused)
            else:
                call = steps.send(reply)
    except StopIteration as stop:
        result: Result = stop.value
        return result


def _put(call: Call | Together, region: str) -> Call | Together:
    if isinstance(call, Together):
        return Together(tuple(_placed(steps, region) for steps in call.parts))
    return replace(call, region=region) if call.system == "aws" and call.region is None else call


SideBySide = Callable[[tuple[Steps[Any], ...]], list[Any]]
"""Runs verbs that do not need one another, and returns their results."""


def drive(steps: Steps[Result], send: Callable[[Call], Any], every: SideBySide | None = None) -> Result:
    """Run a verb to its end: each call is sent, each reply or refusal is handed to it; returns its result.

    What need not wait for one another is done in turn, or by `every`.
    """
    in_turn: SideBySide = every or (lambda parts: [drive(part, send) for part in parts])
    try:
        call = next(steps)
        while True:
            try:
                reply = in_turn(call.parts) if isinstance(call, Together) else send(call)
            except Refused as refused:
                call = steps.throw(refused)
            else:
                call = steps.send(reply)
    except StopIteration as stop:
        result: Result = stop.value
        return result
