"""The Cloudflare API server of the twin: one account behind `https://api.cloudflare.com/client/v4`."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.ids import Ids
from twin.world.saas.cloudflare import (  # noqa: F401 - each area binds its operations on import
    accounts,
    dns,
    load_balancers,
    monitors,
    pools,
    ruleset_rules,
    rulesets,
    settings,
    tokens,
    unsupported,
    zones,
)
from twin.world.saas.cloudflare.authentication import authenticate, digest, require_usable
from twin.world.saas.cloudflare.envelope import Refusal, failure, refusal
from twin.world.saas.cloudflare.reference import plan_limits
from twin.world.saas.cloudflare.routes import ROUTER, contract_name
from twin.world.saas.cloudflare.state import State, Token
from twin.world.saas.cloudflare.tokens import VERIFICATIONS

NAME_SERVERS = ("ada", "bob", "cleo", "dan", "elle", "finn", "gail", "hugh", "iris", "jack", "kate", "leo")


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
    ) -> None:
        plan_limits(zone_plan)
        now = clock.now()
        self.state = State(
            clock=clock,
            ids=ids,
            account_id=account_id,
            account_name=account_name,
            user_id=ids.hex(),
            user_email="owner@twin.invalid",
            zone_plan=zone_plan,
            created_on=now,
            name_servers=[f"{name}.ns.cloudflare.com" for name in sorted(ids.random.sample(NAME_SERVERS, 2))],
            account_settings={"enforce_twofactor": False, "abuse_contact_email": None},
        )
        bootstrap = _bootstrap(self.state, token, now)
        self.state.tokens[bootstrap.id] = bootstrap

    def handle(self, request: Request) -> Response:
        """Answer a request as the vendor does; every failure comes in the vendor's envelope."""
        try:
            return self._answer(request)
        except Refusal as refused:
            return failure(refused)

    def _answer(self, request: Request) -> Response:
        token = self._identify(request)
        found = ROUTER.match(request)
        if isinstance(found, HTTPException):
            raise _unrouted(request, found)
        endpoint, hit = found
        if any(name.endswith("_id") and not _is_identifier(name, value) for name, value in hit.path.items()):
            raise refusal("no-route", path=urlsplit(request.url).path)
        hit.operation = contract_name(hit.operation)
        hit.principal = token
        if hit.operation not in VERIFICATIONS:
            require_usable(self.state, token)
        return endpoint(self.state, hit)

    def _identify(self, request: Request) -> Token:
        try:
            return authenticate(self.state, request)
        except Refusal as refused:
            verifying = urlsplit(request.url).path.endswith("/tokens/verify")
            if verifying and refused.error["code"] == refusal("invalid-token").error["code"]:
                raise refusal("invalid-token-verify") from refused
            raise


def _bootstrap(state: State, secret: str, now: datetime) -> Token:
    everything = {f"com.cloudflare.api.account.{state.account_id}": "*", "com.cloudflare.api.account.zone.*": "*"}
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
    return name == "setting_id" or re.fullmatch(r"[0-9a-f]{32}", value) is not None


def _unrouted(request: Request, missing: HTTPException) -> Refusal:
    path = urlsplit(request.url).path
    if isinstance(missing, MethodNotAllowed):
        return refusal("method", method=request.method)
    return refusal("no-route", path=path)
