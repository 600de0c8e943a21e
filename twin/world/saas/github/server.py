"""GitHub in the twin: one request in, one reply out, as its REST API and the issuer of Actions' tokens answer."""

import importlib
from dataclasses import replace
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException

from twin.wire import Request, Response
from twin.world.saas.github.access import admit, payer, token_of, visible
from twin.world.saas.github.conditional import unchanged
from twin.world.saas.github.documented import documented
from twin.world.saas.github.errors import GithubError, not_found, unsupported
from twin.world.saas.github.routes import ROUTER
from twin.world.saas.github.state import API, Hub, Token
from twin.world.saas.router import Endpoint, Hit, json_response
from twin.world.saas.stations import (
    Served,
    VendorCheck,
    VendorDenied,
    VendorFault,
    VendorPrincipal,
    call_of,
    unchecked,
)

AREAS = (
    "meta", "organisations", "repositories", "branches", "contents", "protections", "rulesets", "environments",
    "branch_policies", "secrets", "variables", "workflows", "runs", "run_jobs", "reviews", "pulls", "comments",
    "statuses", "checks", "deployments", "subjects", "issuer", "hooks",
)  # fmt: skip
for area in AREAS:
    importlib.import_module(f"twin.world.saas.github.{area}")

LOG = "audit-log"
ISSUED = ("/.well-known/", "/_apis/idtoken/")
HOSTS = ("api.github.com", "token.actions.githubusercontent.com", "pipelines.actions.githubusercontent.com")
Found = tuple[Endpoint[Hub], Hit] | HTTPException


class Github:
    """GitHub behind its API; rate limits are told in headers and refuse only with `enforce_rate_limits`."""

    def __init__(self, hub: Hub, *, enforce_rate_limits: bool = False) -> None:
        self.hub = hub
        self.hub.limits.enforced = enforce_rate_limits

    def handle(self, request: Request) -> Response:
        """Answer one request; refusals are GitHub's own errors, never exceptions."""
        return self.serve(request).response

    def serve(self, request: Request, check: VendorCheck = unchecked) -> Served:
        """Answer one request and tell its audit events; `check` stands between the principal and the answer."""
        hub, found = self.hub, ROUTER.match(request)
        operation = "" if isinstance(found, HTTPException) else found[1].operation
        served = Served(call_of("github", request, operation))
        headers: dict[str, str] = {}
        token: Token | None = None
        hub.told = []
        try:
            if served.call.path.startswith(ISSUED):
                check(served.call)
                served.response = _answer(hub, served, found, None)
            else:
                token, headers = _admit(hub, served)
                check(served.call)
                served.response = _answer(hub, served, found, token)
        except (GithubError, VendorDenied, VendorFault) as stopped:
            told = _refused(stopped)
            served.error, served.fault = told.message, getattr(stopped, "kind", "")
            served.response = json_response(told.status, told.body())
            headers = {**headers, **told.headers}
        for name, value in headers.items():
            served.response.headers[name] = value
        served.response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
        if unchanged(served) and token is not None:
            _refund(hub, served, token)
        _point_here(request, served.response)
        served.events = [(LOG, entry) for entry in hub.told]
        return served


def _refund(hub: Hub, served: Served, token: Token) -> None:
    """Let a conditional request of a known caller cost nothing, as nothing had changed."""
    caller, limit = payer(token, served.call.source)
    hub.limits.refund(caller)
    left = hub.limits.told(caller, limit, hub.instant())
    served.response.headers["x-ratelimit-remaining"] = str(left["remaining"])
    served.response.headers["x-ratelimit-used"] = str(left["used"])


def _point_here(request: Request, reply: Response) -> None:
    """Have the addresses in a reply lead to where it was asked for: clients follow them to no other host."""
    parts = urlsplit(request.url)
    if parts.hostname not in HOSTS:
        reply.body = reply.body.replace(API.encode(), f"{parts.scheme}://{parts.netloc}".encode())


def _admit(hub: Hub, served: Served) -> tuple[Token | None, dict[str, str]]:
    """Know the caller by its token and count the call; returns the headers that tell what is left."""
    token = token_of(hub, served.call.request.headers.get("Authorization", ""))
    if token is not None:
        principal = VendorPrincipal(token.id, token.name, token.login, "user")
        served.call = replace(served.call, principal=principal)
    caller, limit = payer(token, served.call.source)
    within, headers = hub.limits.spend(caller, limit, hub.instant())
    if not within:
        message = f"API rate limit exceeded for {'user ID ' + token.id if token else served.call.source}."
        docs = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
        raise GithubError(403, message, docs=docs, headers=headers)
    return token, headers


def _answer(hub: Hub, served: Served, found: Found, token: Token | None) -> Response:
    if isinstance(found, HTTPException):
        parts = served.call.path.strip("/").split("/")
        if parts[0] == "graphql":
            raise unsupported("the GraphQL API")
        if parts[0] == "repos" and len(parts) > 2:
            repo = hub.repository("/".join(parts[1:3]))
            if not visible(hub, repo, token):
                raise not_found()
        if name := documented(served.call.method, served.call.path):
            raise unsupported(name)
        raise not_found()
    endpoint, hit = found
    if not served.call.path.startswith(ISSUED):
        admit(hub, hit, token)
    return endpoint(hub, hit)


def _refused(stopped: GithubError | VendorDenied | VendorFault) -> GithubError:
    if isinstance(stopped, GithubError):
        return stopped
    if isinstance(stopped, VendorDenied):
        return GithubError(403, "Resource not accessible by personal access token")
    words = "You have exceeded a secondary rate limit." if stopped.status == 429 else "Server Error"
    after = {"retry-after": str(stopped.retry_after)} if stopped.retry_after is not None else {}
    return GithubError(stopped.status, stopped.message or words, headers=after)
