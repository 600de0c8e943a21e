"""The vendors' own clients, unchanged, reach one served world by the variables that `twin env` prints."""

import subprocess
import sys
from dataclasses import replace

import aiohttp
import boto3
import pytest
from botocore.exceptions import ClientError, SSLError
from cloudflare import APIConnectionError, AuthenticationError, Cloudflare, PermissionDeniedError

from twin.cli.commands.env import REPLACING, variables
from twin.clock import WallClock
from twin.engine.workspace import Served
from twin.errors import UsageError
from twin.world.server import serve
from twin.world.tls import server_context
from twin.world.trusted_roots import write_bundle
from twin.world.world import World

# aiohttp reads the trusted roots once, when it is imported: HTTPS needs a process of its own, as its users have.
OKTA = """
import asyncio
from okta.client import Client
users, _, error = asyncio.run(Client({}).list_users())
assert error is None, error
print(len(users))
"""
TRUST = ("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", *REPLACING)


@pytest.fixture(params=["http", "https"])
def clients(request, monkeypatch, proof):
    """A served world; the environment is what `twin env` or `twin env --https` prints for it."""
    world = World(5, WallClock(), accounts=("111122223333",))
    for name in TRUST:
        monkeypatch.delenv(name, raising=False)
    with serve(world.handle) as server, serve(world.handle, tls=server_context(proof)) as secure:
        served = Served(
            pid=0,
            url=server.url,
            seed=5,
            account="111122223333",
            region="us-east-1",
            **world.keys_told(),
            cloudflare_account=world.cloudflare.account_id,
            https_url=secure.url,
            ca_file=str(proof.root),
            bundle_file=str(write_bundle(proof.root, environ={})),
        )
        for name, value in variables(served, https=request.param == "https").items():
            monkeypatch.setenv(name, value)
        yield served
    world.close()


def test_boto3_finds_the_twin_by_its_environment(clients):
    """No endpoint and no key is given in code."""
    assert boto3.Session().client("sts").get_caller_identity()["Account"] == clients.account
    boto3.Session().client("sqs").create_queue(QueueName="orders")
    assert boto3.Session().client("sqs").list_queues()["QueueUrls"]


def test_cloudflare_sdk_finds_the_twin_by_its_environment(clients):
    """The SDK makes a zone and a record in it, on the same port as AWS."""
    sdk = Cloudflare()
    zone = sdk.zones.create(account={"id": clients.cloudflare_account}, name="acme.example", type="full")
    sdk.dns.records.create(zone_id=zone.id, name="www.acme.example", type="A", content="192.0.2.1", ttl=300)
    assert [r.name for r in sdk.dns.records.list(zone_id=zone.id)] == ["www.acme.example"]


@pytest.mark.parametrize("clients", ["http"], indirect=True)
async def test_okta_sdk_finds_the_twin_by_its_environment(clients):
    """The SDK lists the users of a new org, on the same port as AWS."""
    from okta.client import Client  # takes seconds, which a worker that only collects this test does not have

    users, _, error = await Client({}).list_users()
    assert error is None
    assert len(users) == 1


@pytest.mark.parametrize("clients", ["https"], indirect=True)
def test_okta_sdk_finds_the_https_address_by_its_environment(clients):
    """The SDK asks for no exception from its rule that an org's address begins with https."""
    assert "OKTA_TESTING_TESTINGDISABLEHTTPSCHECK" not in variables(clients, https=True)
    done = subprocess.run([sys.executable, "-c", OKTA], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


def test_wrong_keys_are_refused_by_each_vendor(clients, monkeypatch):
    """What passes above passes because of the keys."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        boto3.Session().client("sts").get_caller_identity()
    with pytest.raises((AuthenticationError, PermissionDeniedError)):
        Cloudflare(api_token="x" * 40).zones.list()


@pytest.mark.parametrize("clients", ["https"], indirect=True)
async def test_each_client_verifies_whom_it_talks_to(clients, monkeypatch):
    """Without what `twin env --https` says about trust, none of them talks to the HTTPS address."""
    for name in TRUST:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SSLError):
        boto3.Session().client("sts").get_caller_identity()
    with pytest.raises(APIConnectionError):
        Cloudflare(max_retries=0).zones.list()
    from okta.client import Client

    async with aiohttp.ClientSession() as session:  # Okta's transport; the SDK itself stumbles over the lack of a reply
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(clients.https_url)
    with pytest.raises(AttributeError):
        await Client({}).list_users()


@pytest.mark.parametrize("clients", ["http"], indirect=True)
def test_aws_clients_trust_the_https_address_without_being_pointed_at_it(clients):
    """Plain `twin env` lets `--endpoint-url https://...` work, and leaves every other program's roots alone."""
    sts = boto3.Session().client("sts", endpoint_url=clients.https_url)
    assert sts.get_caller_identity()["Account"] == clients.account
    assert not set(variables(clients)) & set(REPLACING)


@pytest.mark.parametrize("clients", ["http"], indirect=True)
def test_https_of_a_twin_that_has_none_is_refused(clients):
    """A twin of before has no HTTPS address; plain HTTP it has."""
    old = replace(clients, https_url=None, ca_file=None, bundle_file=None)
    assert variables(old)["AWS_ENDPOINT_URL"] == clients.url
    with pytest.raises(UsageError, match="does not serve HTTPS"):
        variables(old, https=True)
