"""The vendors' own clients, unchanged, reach one served world by the variables that `twin env` prints."""

import boto3
import pytest
from botocore.exceptions import ClientError
from cloudflare import AuthenticationError, Cloudflare, PermissionDeniedError
from okta.client import Client as Okta

from twin.cli.commands.env import variables
from twin.clock import WallClock
from twin.engine.workspace import Served
from twin.world.server import serve
from twin.world.world import World


@pytest.fixture
def clients(monkeypatch):
    """A served world; the environment is what `twin env` prints for it."""
    world = World(5, WallClock(), accounts=("111122223333",))
    keys = world.credentials()
    with serve(world.handle) as server:
        served = Served(
            pid=0,
            url=server.url,
            seed=5,
            account="111122223333",
            region="us-east-1",
            access_key_id=keys.access_key_id,
            secret_access_key=keys.secret_access_key,
            cloudflare_account=world.cloudflare.account_id,
            cloudflare_token=world.cloudflare.token,
            okta_url=world.okta.url,
            okta_token=world.okta.token,
        )
        for name, value in variables(served).items():
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


async def test_okta_sdk_finds_the_twin_by_its_environment(clients):
    """The SDK lists the users of a new org, on the same port as AWS."""
    users, _, error = await Okta({}).list_users()
    assert error is None
    assert len(users) == 1


def test_wrong_keys_are_refused_by_each_vendor(clients, monkeypatch):
    """What passes above passes because of the keys."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        boto3.Session().client("sts").get_caller_identity()
    with pytest.raises((AuthenticationError, PermissionDeniedError)):
        Cloudflare(api_token="x" * 40).zones.list()
