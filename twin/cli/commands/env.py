"""`twin env`: what each client needs to reach the running twin."""

import shlex

import click

from twin.cli.console import data, out
from twin.cli.session import workspace
from twin.engine.workspace import Served
from twin.errors import UsageError

# By these a program replaces the roots that it trusts; the bundle has the machine's own too.
REPLACING = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

# The AWS CLI 1 has addresses of its own for SQS, RDS and a few others, which go before AWS_ENDPOINT_URL.
SHELL = (
    "unalias aws 2>/dev/null || :",
    'aws() { command aws ${AWS_ENDPOINT_URL:+"--endpoint-url=$AWS_ENDPOINT_URL"} "$@"; }',
)


def variables(served: Served, *, https: bool = False) -> dict[str, str]:
    """Return the environment variables of the vendors' clients; of Auth0's with `https` alone.

    UsageError when HTTPS is wanted of a twin that does not serve it.
    """
    url = served.https_url if https else served.url
    if url is None:
        raise UsageError("the running twin does not serve HTTPS; end it and start it again: twin down, twin up")
    found = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": served.access_key_id,
        "AWS_SECRET_ACCESS_KEY": served.secret_access_key,
        "AWS_REGION": served.region,
        "AWS_DEFAULT_REGION": served.region,
        "CLOUDFLARE_BASE_URL": f"{url}/client/v4",
        "CLOUDFLARE_API_TOKEN": served.cloudflare_token,
        "CLOUDFLARE_ACCOUNT_ID": served.cloudflare_account,
        "OKTA_CLIENT_ORGURL": url,
        "OKTA_CLIENT_TOKEN": served.okta_token,
    }
    if https and served.auth0_client_id:
        # The vendor's clients take a host, never an address, and speak HTTPS to it.
        found |= {"AUTH0_DOMAIN": url.removeprefix("https://"), "AUTH0_CLIENT_ID": served.auth0_client_id}
        found["AUTH0_CLIENT_SECRET"] = served.auth0_client_secret
    if served.github_token:
        found |= {"GITHUB_TOKEN": served.github_token, "GITHUB_API_URL": url}
    if served.pagerduty_token:
        found["PAGERDUTY_TOKEN"] = served.pagerduty_token
    if served.datadog_api_key:
        found |= {"DD_API_KEY": served.datadog_api_key, "DD_APP_KEY": served.datadog_app_key, "DD_HOST": url}
    if not https:
        found["OKTA_TESTING_TESTINGDISABLEHTTPSCHECK"] = "true"
    return found | _trusting(served, https=https)


def _trusting(served: Served, *, https: bool) -> dict[str, str]:
    """Return what lets clients verify the HTTPS address; without `https` other programs keep their own roots."""
    if served.ca_file is None or served.bundle_file is None:
        return {}
    found = {"AWS_CA_BUNDLE": served.bundle_file, "NODE_EXTRA_CA_CERTS": served.ca_file}
    return found | dict.fromkeys(REPLACING, served.bundle_file) if https else found


@click.command("env")
@click.option("--https", is_flag=True, help="Point every client at the HTTPS address, and let all trust it.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(*, https: bool, as_json: bool) -> int:
    """Print the variables that point clients at the running twin: eval "$(twin env)"."""
    served = workspace().served()
    if served is None:
        raise UsageError("no twin is running here; start one: twin up SPEC")
    found = variables(served, https=https)
    if as_json:
        data({"schema": 1, "variables": found})
        return 0
    for name, value in found.items():
        out.print(f"export {name}={shlex.quote(value)}")
    out.print("unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN")
    for row in SHELL:
        out.print(row)
    return 0
