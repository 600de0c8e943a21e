"""`twin env`: what each client needs to reach the running twin."""

import shlex

import click

from twin.cli.console import data, out
from twin.cli.session import workspace
from twin.engine.workspace import Served
from twin.errors import UsageError


def variables(served: Served) -> dict[str, str]:
    """Return the environment variables of the AWS clients and of the Cloudflare and Okta SDKs."""
    return {
        "AWS_ENDPOINT_URL": served.url,
        "AWS_ACCESS_KEY_ID": served.access_key_id,
        "AWS_SECRET_ACCESS_KEY": served.secret_access_key,
        "AWS_REGION": served.region,
        "AWS_DEFAULT_REGION": served.region,
        "CLOUDFLARE_BASE_URL": f"{served.url}/client/v4",
        "CLOUDFLARE_API_TOKEN": served.cloudflare_token,
        "CLOUDFLARE_ACCOUNT_ID": served.cloudflare_account,
        "OKTA_CLIENT_ORGURL": served.url,
        "OKTA_CLIENT_TOKEN": served.okta_token,
        "OKTA_TESTING_TESTINGDISABLEHTTPSCHECK": "true",
    }


@click.command("env")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(*, as_json: bool) -> int:
    """Print the variables that point clients at the running twin: eval "$(twin env)"."""
    served = workspace().served()
    if served is None:
        raise UsageError("no twin is running here; start one: twin up SPEC")
    found = variables(served)
    if as_json:
        data({"schema": 1, "variables": found})
        return 0
    for name, value in found.items():
        out.print(f"export {name}={shlex.quote(value)}")
    out.print("unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN")
    return 0
