"""Targets from endpoints: who is asked for what, with which credentials."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from twin.engine.keys import Keys
from twin.engine.target import Target
from twin.engine.tokens import tokens
from twin.engine.workspace import SERVED_CONCURRENCY
from twin.errors import TargetError
from twin.resources.aws.api import AwsSystem
from twin.resources.pacing import Bucket
from twin.resources.scope import Scope
from twin.resources.transport import System, Systems
from twin.wire import Handle

if TYPE_CHECKING:
    from twin.resources.aws.transcript import Transcript
    from twin.resources.http_api import HttpSystem

CLOUDFLARE_URL = "https://api.cloudflare.com/client/v4"
PAGERDUTY_URL, DATADOG_URL = "https://api.pagerduty.com", "https://api.datadoghq.com"
GITHUB_URL = "https://api.github.com"
LIVE_CONCURRENCY = 10


@dataclass(frozen=True, kw_only=True)
class Endpoints(Keys):
    """Where a twin answers and the keys to it; with `handle` nothing goes over a socket.

    `place` tells how many calls the twin has seen, `waits` that what is made there takes its time to be ready.
    """

    url: str | None = None
    handle: Handle | None = None
    place: Callable[[], int] | None = None
    waits: bool = False


def twin(scope: Scope, endpoints: Endpoints, name: str = "twin", *, transcript: "Transcript | None" = None) -> Target:
    """Return the twin, whatever its stores: embedded when the endpoints have a handle, served otherwise.

    `transcript` takes what is read of AWS where it is served.
    """
    base, handle = endpoints.url, endpoints.handle
    makers: dict[str, Callable[[], System]] = {
        "aws": partial(
            AwsSystem,
            region=scope.region,
            access_key_id=endpoints.access_key_id,
            secret_access_key=endpoints.secret_access_key,
            endpoint_url=base,
            handle=handle,
            place=endpoints.place,
            transcript=transcript,
        ),
        "cloudflare": partial(
            _cloudflare, f"{base}/client/v4" if base else CLOUDFLARE_URL, endpoints.cloudflare_token, handle=handle
        ),
        "okta": partial(_okta, base or endpoints.okta_url, endpoints.okta_token, handle=handle),
    }
    if endpoints.auth0_domain:
        machine = (endpoints.auth0_domain, endpoints.auth0_client_id, endpoints.auth0_client_secret)
        makers["auth0"] = partial(_auth0, base or f"https://{endpoints.auth0_domain}", *machine, handle=handle)
    if endpoints.pagerduty_token:
        makers["pagerduty"] = partial(_pagerduty, base or PAGERDUTY_URL, endpoints.pagerduty_token, handle=handle)
    if endpoints.datadog_api_key:
        keys = (endpoints.datadog_api_key, endpoints.datadog_app_key)
        makers["datadog"] = partial(_datadog, base or DATADOG_URL, *keys, handle=handle)
    if endpoints.github_token:
        makers["github"] = partial(_github, base or GITHUB_URL, endpoints.github_token, handle=handle)
    concurrency = SERVED_CONCURRENCY if handle is None else 1
    return Target(name, Systems(makers), scope, concurrency=concurrency, waits=endpoints.waits)


def live(scope: Scope, environ: Mapping[str, str]) -> Target:
    """Return the real accounts, by the user's own credentials: of the environment, else of the keyring.

    The keyring has each for one host: `VARIABLE@HOST`; one of the environment goes to its vendor's own hosts, and to
    one that the environment itself names (GuardError else). What no token may be sent to, plain http, is a TargetError.

    AWS: the usual chain (profile, variables, roles). Cloudflare: CLOUDFLARE_API_TOKEN. Okta, at OKTA_CLIENT_ORGURL:
    OKTA_CLIENT_TOKEN, or a service app by OKTA_CLIENT_AUTHORIZATIONMODE=PrivateKey, OKTA_CLIENT_CLIENTID,
    OKTA_CLIENT_SCOPES, OKTA_CLIENT_PRIVATEKEY, OKTA_CLIENT_KID and OKTA_CLIENT_DPOPENABLED. Auth0: AUTH0_CLIENT_ID and
    AUTH0_CLIENT_SECRET of a machine-to-machine client, asked of AUTH0_DOMAIN, or of the spec's domain. PagerDuty:
    PAGERDUTY_TOKEN. Datadog: DD_API_KEY and DD_APP_KEY. GitHub: GITHUB_TOKEN, asked of GITHUB_API_URL.
    CLOUDFLARE_BASE_URL, AWS_ENDPOINT_URL and the roots that AWS_CA_BUNDLE and REQUESTS_CA_BUNDLE name are honoured as
    the vendors' own clients do.
    """
    makers: dict[str, Callable[[], System]] = {"aws": partial(AwsSystem, region=scope.region)}
    paced = partial(_paced, roots=environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE"))
    keys = partial(tokens, environ)
    if scope.cloudflare_account:
        url = environ.get("CLOUDFLARE_BASE_URL") or CLOUDFLARE_URL
        makers["cloudflare"] = partial(paced, _cloudflare, url, *keys(url, "CLOUDFLARE_API_TOKEN", vendor="cloudflare"))
    if scope.okta_url:
        url = environ.get("OKTA_CLIENT_ORGURL") or scope.okta_url
        makers["okta"] = partial(paced, *_okta_caller(environ, url))
    if scope.auth0_domain:
        url = _auth0_url(environ.get("AUTH0_DOMAIN") or scope.auth0_domain)
        secret = keys(url, "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", vendor="auth0")
        makers["auth0"] = partial(paced, _auth0, url, scope.auth0_domain, *secret)
    if scope.pagerduty:
        url = environ.get("PAGERDUTY_BASE_URL") or PAGERDUTY_URL
        makers["pagerduty"] = partial(paced, _pagerduty, url, *keys(url, "PAGERDUTY_TOKEN", vendor="pagerduty"))
    if scope.datadog:
        url = environ.get("DD_HOST") or f"https://api.{scope.datadog}"
        makers["datadog"] = partial(paced, _datadog, url, *keys(url, "DD_API_KEY", "DD_APP_KEY", vendor="datadog"))
    if scope.github_organization:
        url = environ.get("GITHUB_API_URL") or GITHUB_URL
        makers["github"] = partial(paced, _github, url, *keys(url, "GITHUB_TOKEN", vendor="github"))
    return Target("live", Systems(makers), scope, concurrency=LIVE_CONCURRENCY, waits=True)


def _paced(make: Callable[..., "HttpSystem"], *told: str, roots: str | None) -> "HttpSystem":
    """Make the client of a real account, which slows down when its vendor asks for it."""
    system = make(*told, roots=roots)
    system.bucket = Bucket(time.monotonic, time.sleep)
    return system


def _auth0(url: str, domain: str, *secret: str, **options: Any) -> "HttpSystem":
    from twin.resources.auth0.api import Auth0System, Machine

    return Auth0System(url, Machine(domain, *secret), **options)


def _cloudflare(url: str, token: str, **options: Any) -> "HttpSystem":
    from twin.resources.cloudflare.api import CloudflareSystem

    return CloudflareSystem(url, token, **options)


def _datadog(url: str, *keys: str, **options: Any) -> "HttpSystem":
    from twin.resources.datadog.api import DatadogSystem

    return DatadogSystem(url, *keys, **options)


def _github(url: str, token: str, **options: Any) -> "HttpSystem":
    from twin.resources.github.api import GithubSystem

    return GithubSystem(url, token, **options)


def _okta_caller(environ: Mapping[str, str], url: str) -> tuple[Any, ...]:
    """Return what makes the client of an org, with what it is told: by an API token, or by a service app's key."""
    mode = environ.get("OKTA_CLIENT_AUTHORIZATIONMODE", "SSWS")
    if mode == "SSWS":
        return (_okta, url, *tokens(environ, url, "OKTA_CLIENT_TOKEN", vendor="okta"))
    if mode != "PrivateKey":
        raise TargetError(f"OKTA_CLIENT_AUTHORIZATIONMODE is SSWS or PrivateKey, not {mode}")
    names = ("OKTA_CLIENT_CLIENTID", "OKTA_CLIENT_SCOPES")
    if missing := [name for name in names if not environ.get(name, "").strip()]:
        raise TargetError(f"{missing[0]} is not set: OKTA_CLIENT_AUTHORIZATIONMODE=PrivateKey needs it")
    client, scopes = (environ[name] for name in names)
    more = (environ.get("OKTA_CLIENT_KID", ""), environ.get("OKTA_CLIENT_DPOPENABLED", ""))
    return (_okta_service, url, *tokens(environ, url, "OKTA_CLIENT_PRIVATEKEY", vendor="okta"), client, scopes, *more)


def _okta_service(url: str, key: str, client: str, scopes: str, *more: str, **options: Any) -> "HttpSystem":
    from twin.resources.okta.service_app import OktaServiceSystem, ServiceApp

    kid, proofs = more
    asked = tuple(scopes.replace(",", " ").split())
    app = ServiceApp(
        client, key, asked, now=time.time, unique=lambda: secrets.token_urlsafe(24), kid=kid,
        proofs=proofs.strip().lower() == "true",
    )  # fmt: skip
    return OktaServiceSystem(url, app, **options)


def _okta(url: str, token: str, **options: Any) -> "HttpSystem":
    from twin.resources.okta.api import OktaSystem

    return OktaSystem(url, token, **options)


def _pagerduty(url: str, token: str, **options: Any) -> "HttpSystem":
    from twin.resources.pagerduty.api import PagerDutySystem

    return PagerDutySystem(url, token, **options)


def _auth0_url(domain: str) -> str:
    """Return the address of a tenant; as for the vendor's Go client a scheme may stand before the domain."""
    return domain if "://" in domain else f"https://{domain}"
