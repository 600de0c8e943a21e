"""The Cloudflare API server of the twin: one account behind `https://api.cloudflare.com/client/v4`."""

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.ids import Ids
from twin.world.saas.cloudflare import (  # noqa: F401 - each area binds its operations on import
    access_apps,
    access_groups,
    access_providers,
    access_service_tokens,
    accounts,
    audit_logs,
    certificate_packs,
    dns,
    ips,
    load_balancers,
    monitors,
    pools,
    purge_cache,
    rate_limit,
    ruleset_rules,
    rulesets,
    settings,
    tokens,
    unsupported,
    zones,
)
from twin.world.saas.cloudflare.audit_entries import CHANGES_LOG, Attempt, attempt, entries
from twin.world.saas.cloudflare.authentication import authenticate, digest, require_usable
from twin.world.saas.cloudflare.envelope import Refusal, failure, refusal
from twin.world.saas.cloudflare.permissions import require_permitted
from twin.world.saas.cloudflare.reference import plan_limits, reference
from twin.world.saas.cloudflare.routes import ROUTER, contract_name
from twin.world.saas.cloudflare.state import AccessState, AuditTrail, State, Token
from twin.world.saas.cloudflare.tokens import VERIFICATIONS
from twin.world.saas.router import Endpoint, Hit
from twin.world.saas.stations import Served, VendorCheck, VendorDenied, VendorFault, VendorPrincipal, call_of, unchecked

NAME_SERVERS = ("ada", "bob", "cleo", "dan", "elle", "finn", "gail", "hugh", "iris", "jack", "kate", "leo")
COLO = "AMS"
UUIDS = ("app_id", "policy_id", "group_id", "identity_provider_id", "service_token_id")

Found = tuple[Endpoint[State], Hit] | HTTPException


class Cloudflare:
    """A server of one account; `handle` answers a request, `state` is all that it remembers."""

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        account_id: str,
        account_name: str,
        zone_plan: str = "free",
        token: str,
        enforce_rate_limits: bool = False,
    ) -> None:
        plan_limits(zone_plan)
        now, user_id = clock.now(), ids.hex()
        self.state = State(
            clock=clock,
            ids=ids,
            account_id=account_id,
            account_name=account_name,
            user_id=user_id,
            user_email="owner@twin.invalid",
            zone_plan=zone_plan,
            created_on=now,
            name_servers=[f"{name}.ns.cloudflare.com" for name in sorted(ids.random.sample(NAME_SERVERS, 2))],
            audit=AuditTrail(Ids(f"audit:{user_id}")),
            access=AccessState(Ids(f"access:{user_id}")),
            account_settings={"enforce_twofactor": False, "abuse_contact_email": None},
        )
        self.enforce_rate_limits = enforce_rate_limits
        bootstrap = _bootstrap(self.state, token, now)
        self.state.tokens[bootstrap.id] = bootstrap

    def handle(self, request: Request) -> Response:
        """Answer a request as the vendor does; every failure comes in the vendor's envelope."""
        return self.serve(request).response

    def serve(self, request: Request, check: VendorCheck = unchecked) -> Served:
        """Answer a request and tell its events; `check` stands between the principal and the answer."""
        found, ray = ROUTER.match(request), self.state.audit.ids.hex(16)
        served = Served(call_of("cloudflare", request, _operation(found)))
        made: Attempt | None = None
        try:
            endpoint, hit = self._admitted(served, found)
            # What the twin has not changes nothing, so that the audit has no words for it.
            made = attempt(self.state, hit, served.call, ray=ray) if endpoint is not unsupported.refuse else None
            check(served.call)
            served.response = endpoint(self.state, hit)
        except (Refusal, VendorDenied, VendorFault) as stopped:
            refused = _refused(stopped)
            served.response, served.error = failure(refused), str(refused.error["code"])
            if isinstance(stopped, VendorFault):
                served.fault = stopped.kind
                if stopped.status == 429:
                    served.response.headers["Retry-After"] = str(_wait(stopped))
        if self.enforce_rate_limits and served.call.principal is not None:
            rate_limit.told(self.state, served.call.principal.owner, served.response)
        served.response.headers["CF-RAY"] = f"{ray}-{COLO}"
        if made is not None:
            served.events = list(entries(made, served.response))
            self._record(served)
        return served

    def _record(self, served: Served) -> None:
        audit = self.state.audit
        for log, entry in served.events:
            (audit.changes if log == CHANGES_LOG else audit.actions).append(dict(entry))

    def _admitted(self, served: Served, found: Found) -> tuple[Endpoint[State], Hit]:
        """Return the endpoint of a call whose token is known and usable; the call learns its principal."""
        request = served.call.request
        token = self._identify(request)
        served.call = replace(served.call, principal=_principal(self.state, token))
        if self.enforce_rate_limits:
            rate_limit.count(self.state, _principal(self.state, token).owner)
        if isinstance(found, HTTPException):
            raise _unrouted(request, found)
        endpoint, hit = found
        if any(name.endswith("_id") and not _is_identifier(name, value) for name, value in hit.path.items()):
            raise refusal("no-route", path=urlsplit(request.url).path)
        hit.operation = contract_name(hit.operation)
        hit.principal = token
        if hit.operation not in VERIFICATIONS:
            require_usable(self.state, token, served.call.source)
        if endpoint is not unsupported.refuse:
            require_permitted(self.state, token, hit)
        return endpoint, hit

    def _identify(self, request: Request) -> Token:
        try:
            return authenticate(self.state, request)
        except Refusal as refused:
            verifying = urlsplit(request.url).path.endswith("/tokens/verify")
            if verifying and refused.error["code"] == refusal("invalid-token").error["code"]:
                raise refusal("invalid-token-verify") from refused
            raise


def _operation(found: Found) -> str:
    return "" if isinstance(found, HTTPException) else contract_name(found[1].operation)


def _principal(state: State, token: Token) -> VendorPrincipal:
    owner = state.user_id if token.owner == "user" else state.account_id
    return VendorPrincipal(token.id, token.name, owner, token.owner)


def _refused(stopped: Refusal | VendorDenied | VendorFault) -> Refusal:
    if isinstance(stopped, Refusal):
        return stopped
    if isinstance(stopped, VendorDenied):
        return refusal("denied")
    name = {429: "throttled", 500: "internal"}.get(stopped.status, "unavailable")
    refused = refusal(name)
    error = refused.error | ({"message": stopped.message} if stopped.message else {})
    return Refusal(stopped.status, error)


def _wait(fault: VendorFault) -> int:
    usual: int = reference("refusals", "refusals")["throttled"]["retry_after"]
    return usual if fault.retry_after is None else fault.retry_after


def _bootstrap(state: State, secret: str, now: datetime) -> Token:
    everything = {
        f"com.cloudflare.api.account.{state.account_id}": "*",
        "com.cloudflare.api.account.zone.*": "*",
        f"com.cloudflare.api.user.{state.user_id}": "*",
    }
    policy = {
        "id": state.ids.hex(),
        "effect": "allow",
        "resources": everything,
        "permission_groups": tokens.all_permission_groups(),
    }
    return Token(
        id=state.ids.hex(),
        owner="account" if secret.startswith("cfat_") else "user",
        name="bootstrap",
        digest=digest(secret),
        policies=[policy],
        status="active",
        issued_on=now,
        modified_on=now,
    )


def _is_identifier(name: str, value: str) -> bool:
    if name in UUIDS:
        return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None
    return name == "setting_id" or re.fullmatch(r"[0-9a-f]{32}", value) is not None


def _unrouted(request: Request, missing: HTTPException) -> Refusal:
    path = urlsplit(request.url).path
    if isinstance(missing, MethodNotAllowed):
        return refusal("method", method=request.method)
    if name := unsupported.unserved(path):
        return refusal("unsupported", operation=f"{request.method} {name}")
    return refusal("no-route", path=path)
