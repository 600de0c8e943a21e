"""Targets from endpoints: who is asked for what, with which credentials."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from twin.engine.keys import Keys
from twin.engine.target import Target
from twin.errors import TargetError
from twin.resources.auth0.api import Auth0System, Machine
from twin.resources.aws.api import AwsSystem
from twin.resources.cloudflare.api import CloudflareSystem
from twin.resources.datadog.api import DatadogSystem
from twin.resources.github.api import GithubSystem
from twin.resources.http_api import HttpSystem
from twin.resources.okta.api import OktaSystem
from twin.resources.pacing import Bucket
from twin.resources.pagerduty.api import PagerDutySystem
from twin.resources.scope import Scope
from twin.resources.transport import System
from twin.wire import Handle

CLOUDFLARE_URL = "https://api.cloudflare.com/client/v4"
PAGERDUTY_URL, DATADOG_URL = "https://api.pagerduty.com", "https://api.datadoghq.com"
GITHUB_URL = "https://api.github.com"
LIVE_CONCURRENCY = 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True)
class Endpoints(Keys):
    """Where a twin answers and the keys to it; with `handle` nothing goes over a socket.

    `place` tells how many calls the twin has seen.
    """

    url: str | None = None
    handle: Handle | None = None
    place: Callable[[], int] | None = None


def twin(scope: Scope, endpoints: Endpoints, name: str = "twin") -> Target:
    """Return the twin, whatever its stores: embedded when the endpoints have a handle, served otherwise."""
    base = endpoints.url
    systems: dict[str, System] = {
        "aws": AwsSystem(
            region=scope.region,
            access_key_id=endpoints.access_key_id,
            secret_access_key=endpoints.secret_access_key,
            endpoint_url=base,
            handle=endpoints.handle,
            place=endpoints.place,
        ),
        "cloudflare": CloudflareSystem(
            f"{base}/client/v4" if base else CLOUDFLARE_URL, endpoints.cloudflare_token, handle=endpoints.handle
        ),
        "okta": OktaSystem(base or endpoints.okta_url, endpoints.okta_token, handle=endpoints.handle),
    }
    if endpoints.auth0_domain:
        domain = endpoints.auth0_domain
        machine = Machine(domain, endpoints.auth0_client_id, endpoints.auth0_client_secret)
        systems["auth0"] = Auth0System(base or f"https://{domain}", machine, handle=endpoints.handle)
    if endpoints.pagerduty_token:
        systems["pagerduty"] = PagerDutySystem(
            base or PAGERDUTY_URL, endpoints.pagerduty_token, handle=endpoints.handle
        )
    if endpoints.datadog_api_key:
        keys = (endpoints.datadog_api_key, endpoints.datadog_app_key)
        systems["datadog"] = DatadogSystem(base or DATADOG_URL, *keys, handle=endpoints.handle)
    if endpoints.github_token:
        systems["github"] = GithubSystem(base or GITHUB_URL, endpoints.github_token, handle=endpoints.handle)
    return Target(name, systems, scope)


def live(scope: Scope, environ: Mapping[str, str]) -> Target:
    """Return the real accounts, by the environment's own credentials.

    AWS: the usual chain (profile, variables, roles). Cloudflare: CLOUDFLARE_API_TOKEN. Okta: OKTA_CLIENT_TOKEN,
    OKTA_CLIENT_ORGURL. Auth0: AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET of a machine-to-machine client, asked of
    AUTH0_DOMAIN, or of the spec's domain. PagerDuty: PAGERDUTY_TOKEN. Datadog: DD_API_KEY and DD_APP_KEY. GitHub:
    GITHUB_TOKEN, asked of GITHUB_API_URL. CLOUDFLARE_BASE_URL, AWS_ENDPOINT_URL and the roots that AWS_CA_BUNDLE and
    REQUESTS_CA_BUNDLE name are honoured as the vendors' own clients do.
    """
    systems: dict[str, System] = {"aws": AwsSystem(region=scope.region)}
    roots = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
    if scope.cloudflare_account:
        token = _needed(environ, "CLOUDFLARE_API_TOKEN")
        systems["cloudflare"] = CloudflareSystem(environ.get("CLOUDFLARE_BASE_URL", CLOUDFLARE_URL), token, roots=roots)
    if scope.okta_url:
        token = _needed(environ, "OKTA_CLIENT_TOKEN")
        systems["okta"] = OktaSystem(environ.get("OKTA_CLIENT_ORGURL", scope.okta_url), token, roots=roots)
    if scope.auth0_domain:
        id_, secret = _needed(environ, "AUTH0_CLIENT_ID"), _needed(environ, "AUTH0_CLIENT_SECRET")
        url = _auth0_url(environ.get("AUTH0_DOMAIN") or scope.auth0_domain)
        systems["auth0"] = Auth0System(url, Machine(scope.auth0_domain, id_, secret), roots=roots)
    if scope.pagerduty:
        token = _needed(environ, "PAGERDUTY_TOKEN")
        systems["pagerduty"] = PagerDutySystem(environ.get("PAGERDUTY_BASE_URL", PAGERDUTY_URL), token, roots=roots)
    if scope.datadog:
        keys = (_needed(environ, "DD_API_KEY"), _needed(environ, "DD_APP_KEY"))
        systems["datadog"] = DatadogSystem(environ.get("DD_HOST", f"https://api.{scope.datadog}"), *keys, roots=roots)
    if scope.github_organization:
        token = _needed(environ, "GITHUB_TOKEN")
        systems["github"] = GithubSystem(environ.get("GITHUB_API_URL", GITHUB_URL), token, roots=roots)
    for system in systems.values():
        if isinstance(system, HttpSystem):
            system.bucket = Bucket(time.monotonic, time.sleep)
    return Target("live", systems, scope, concurrency=LIVE_CONCURRENCY, waits=True)


def _auth0_url(domain: str) -> str:
    """Return the address of a tenant; as for the vendor's Go client a scheme may stand before the domain."""
    url = domain if "://" in domain else f"https://{domain}"
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise TargetError(f"AUTH0_DOMAIN is {domain}: a secret goes over https alone")
    return url


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    if not value:
        raise TargetError(f"{name} is not set: the live target needs it")
    return value
