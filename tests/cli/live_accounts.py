"""A server of its own that plays the real accounts, and a user's environment with credentials for them."""

import boto3
import pytest
from served import Shell

from twin.world.saas.accounts import auth0_tenant, cloudflare_account, okta_org

ACCOUNT, ALIAS, SEED = "210987654321", "acme-live", 5
CLOUDFLARE, OKTA, AUTH0 = cloudflare_account(SEED).account_id, okta_org(SEED).url, auth0_tenant(SEED).domain
SPEC = """\
version: 1
org: {{name: acme, domain: acme.example, contact: ops@acme.example}}
aws: {{account: "{account}", alias: {alias}, region: us-east-1}}
cloudflare: {{account: {cloudflare}}}
okta: {{org_url: "{okta}"}}
auth0: {{domain: {auth0}}}
{delivery}resources:
  aws.sns.topic:
    news: {{name: {topic}}}
  okta.group:
    team: {{name: team}}
"""


FREE = "delivery: {promotion: {rehearsal: waived}}\n"


def spec(*, delivery=FREE, **more):
    """Return a spec for the accounts that the server plays, or for others; without `delivery`, it demands nothing."""
    values = {"account": ACCOUNT, "alias": ALIAS, "cloudflare": CLOUDFLARE, "okta": OKTA, "topic": "news"}
    values |= {"auth0": AUTH0, "delivery": delivery}
    return SPEC.format(**{**values, **more})


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A server of its own with an account alias; what its clients need."""
    folder = tmp_path_factory.mktemp("real")
    shell = Shell(folder / "home", folder)
    server = shell.start(
        "serve", "--account", ACCOUNT, "--seed", str(SEED), "--cloudflare-account", CLOUDFLARE, "--okta-url", OKTA
    )
    while not server.stderr.readline().startswith("twin serves"):
        assert server.poll() is None
    client(shell.served)("iam").create_account_alias(AccountAlias=ALIAS)
    yield shell.served
    server.terminate()
    server.communicate(timeout=20)


def client(served):
    """Return a maker of boto3 clients on the server."""
    return lambda service: boto3.client(
        service,
        endpoint_url=served["url"],
        region_name="us-east-1",
        aws_access_key_id=served["access_key_id"],
        aws_secret_access_key=served["secret_access_key"],
    )


@pytest.fixture
def live(real, home, monkeypatch):
    """A user's environment with credentials for the real accounts, and an org that nobody has applied yet."""
    for name, value in {
        "AWS_ENDPOINT_URL": real["url"],
        "AWS_ACCESS_KEY_ID": real["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": real["secret_access_key"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "CLOUDFLARE_BASE_URL": f"{real['url']}/client/v4",
        "CLOUDFLARE_API_TOKEN": real["cloudflare_token"],
        "OKTA_CLIENT_ORGURL": real["url"],
        "OKTA_CLIENT_TOKEN": real["okta_token"],
        "AUTH0_DOMAIN": real["url"],
        "AUTH0_CLIENT_ID": real["auth0_client_id"],
        "AUTH0_CLIENT_SECRET": real["auth0_client_secret"],
    }.items():
        monkeypatch.setenv(name, value)
    (home / "spec.yaml").write_text(spec())
    clear(real)
    return home


def topics(real):
    """Return the topics in the real account."""
    return sorted(t["TopicArn"].rpartition(":")[2] for t in client(real)("sns").list_topics()["Topics"])


def groups(real):
    """Return the groups in the real Okta org."""
    import requests

    reply = requests.get(
        f"{real['url']}/api/v1/groups", headers={"Authorization": f"SSWS {real['okta_token']}"}, timeout=10
    )
    return sorted(g["profile"]["name"] for g in reply.json() if g["type"] == "OKTA_GROUP")


def clear(real):
    """Remove what a test made."""
    import requests

    for topic in topics(real):
        client(real)("sns").delete_topic(TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:{topic}")
    authorization = {"Authorization": f"SSWS {real['okta_token']}"}
    for group in requests.get(f"{real['url']}/api/v1/groups", headers=authorization, timeout=10).json():
        if group["type"] == "OKTA_GROUP":
            requests.delete(f"{real['url']}/api/v1/groups/{group['id']}", headers=authorization, timeout=10)
