"""The Okta org of the twin: one request in, one reply out, as the Management API answers."""

import hmac
import importlib
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.ids import Ids
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.genesis import found_org
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.router import json_response

AREAS = (
    "users", "lifecycle", "groups", "rules", "apps", "app_credentials", "assignments", "policies", "policy_rules",
    "authenticators", "zones", "authorization_servers", "scopes", "server_policies", "org", "system_log",
)  # fmt: skip
for area in AREAS:
    importlib.import_module(f"twin.world.saas.okta.{area}")

OPEN_PATHS = ("/.well-known/okta-organization",)


class Okta:
    """One org behind its API; `token` is the API token that exists from the start.

    Rate limits are told in headers; they refuse only with `enforce_rate_limits`, since a clock that stands still
    would never open the next window.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        org_url: str,
        org_name: str,
        token: str,
        enforce_rate_limits: bool = False,
    ) -> None:
        self.org: Org = found_org(clock=clock, ids=ids, url=org_url.rstrip("/"), name=org_name, token=token)
        self.org.limits.enforced = enforce_rate_limits

    def handle(self, request: Request) -> Response:
        """Answer one request; refusals are Okta's own errors, never exceptions."""
        org = self.org
        org.request_id = org.ids.word(27)
        path = urlsplit(request.url).path
        headers, within = org.limits.spend(request.method, path, org.clock.now())
        reply = _answer(org, request, path) if within else _refusal(org, OktaError("E0000047"))
        for name, value in headers.items():
            reply.headers[name] = value
        reply.headers["X-Okta-Request-Id"] = org.request_id
        reply.headers["Date"] = f"{org.clock.now():%a, %d %b %Y %H:%M:%S} GMT"
        reply.headers["Cache-Control"] = "no-cache, no-store"
        return reply


def _answer(org: Org, request: Request, path: str) -> Response:
    try:
        return _dispatch(org, request, path)
    except OktaError as refused:
        return _refusal(org, refused)


def _refusal(org: Org, refused: OktaError) -> Response:
    return json_response(refused.status, refused.body("oae" + org.ids.word(22)))


def _dispatch(org: Org, request: Request, path: str) -> Response:
    if path not in OPEN_PATHS:
        org.actor = _principal(org, request)
    found = ROUTER.match(request)
    if isinstance(found, HTTPException):
        raise _unroutable(request.method, path, found)
    endpoint, hit = found
    hit.principal = org.actor
    return endpoint(org, hit)


def _principal(org: Org, request: Request) -> Record:
    """Return the token record of the request; one space after SSWS is usual, none is accepted as Okta does."""
    presented = re.fullmatch(r"SSWS ?(\S+)", request.headers.get("Authorization", ""))
    if presented:
        for token in org.tokens.values():
            if hmac.compare_digest(token["secret"], presented[1]):
                owner = org.users.get(token["userId"])
                if owner and owner["status"] == "ACTIVE":
                    return token
    raise OktaError("E0000011")


def _unroutable(method: str, path: str, missing: HTTPException) -> OktaError:
    for operation, pattern in _documented():
        verb, _, rule = operation.partition(" ")
        if verb == method and pattern.fullmatch(path.rstrip("/")):
            return OktaError("E0000060", f"{method} {rule} is documented by Okta and not simulated here")
    return OktaError("E0000022" if isinstance(missing, MethodNotAllowed) else "E0000008")


@cache
def _documented() -> tuple[tuple[str, re.Pattern[str]], ...]:
    listed = json.loads((Path(__file__).parent / "data" / "operations.json").read_text())["operations"]
    return tuple((name, re.compile(re.sub(r"\{\w+\}", "[^/]+", name.split(" ")[1]))) for name in listed)
