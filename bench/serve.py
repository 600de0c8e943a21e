"""Lets eight clients, each a process of its own, call one served twin at once: `python bench/serve.py [--calls 10000]`.

The calls are mixed: S3, DynamoDB, SQS, IAM, EC2's tags by boto3, DNS records by Cloudflare's SDK, Okta's users by
`requests`. Afterwards everything that was written is read back. The goal: no error, no lost write, no id twice.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import requests
from botocore.config import Config
from cloudflare import Cloudflare

from twin.clock import WallClock
from twin.wire import Handle
from twin.world.server import serve
from twin.world.world import World

CLIENTS, CALLS = 8, 10_000
# A zone of Cloudflare's free plan takes 200 records, a resource of EC2 50 tags.
RECORDS, TAGS = 150, 40
LOADER = botocore.loaders.Loader()


@dataclass(frozen=True)
class Access:
    """Where the twin is, and with which keys."""

    url: str
    key: str
    secret: str
    token: str
    account: str
    okta: str


@dataclass
class Tally:
    """What clients did and when: calls, errors by text, what they wrote by kind, the ids they were given."""

    calls: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    written: dict[str, dict[str, str]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    began: float = float("inf")
    ended: float = 0.0

    def add(self, other: "Tally") -> None:
        """Take in another client's."""
        self.calls += other.calls
        self.errors += other.errors
        self.ids += other.ids
        self.began, self.ended = min(self.began, other.began), max(self.ended, other.ended)
        for kind, entries in other.written.items():
            self.written.setdefault(kind, {}).update(entries)


def boto3_session(access: Access) -> boto3.session.Session:
    """Return a session of its own, which shares only the service models: they take a second to load."""
    core = botocore.session.get_session()
    core.register_component("data_loader", LOADER)
    return boto3.session.Session(access.key, access.secret, region_name="us-east-1", botocore_session=core)


class Client:
    """One client with connections of its own; each method of `kinds` makes one call and tells what it wrote."""

    def __init__(self, access: Access, number: int) -> None:
        self.number, self.access = number, access
        session = boto3_session(access)
        config = Config(retries={"total_max_attempts": 1})
        self.aws = {
            name: session.client(name, endpoint_url=access.url, config=config)
            for name in ("s3", "dynamodb", "sqs", "iam", "ec2")
        }
        self.cloudflare = Cloudflare(
            base_url=f"{access.url}/client/v4", api_token=access.token, max_retries=0, timeout=60
        )
        self.okta = requests.Session()
        self.okta.headers["Authorization"] = f"SSWS {access.okta}"
        self.group = self.aws["ec2"].create_security_group(GroupName=f"g{number}", Description="tagged")["GroupId"]
        self.queue = self.aws["sqs"].get_queue_url(QueueName="orders")["QueueUrl"]
        self.zone = ""
        self.tally = Tally()
        for api in self.aws.values():
            api.meta.events.register("after-call", self._answered)

    def _answered(self, http_response: Any, parsed: Any, **_: Any) -> None:
        self.tally.ids.append(parsed["ResponseMetadata"]["RequestId"])

    def work(self, calls: int) -> Tally:
        """Make so many calls, one kind after the other."""
        kinds: list[Callable[[int], None]] = [
            self.put, self.item, self.send, self.user, self.tag, self.record, self.person, self.get,
        ]  # fmt: skip
        self.tally.began = time.monotonic()
        for number in range(calls):
            round_, kind = divmod(number, len(kinds))
            self.tally.calls += 1
            try:
                kinds[kind](round_)
            except Exception as error:
                self.tally.errors[f"{kinds[kind].__name__}: {str(error)[:120]}"] += 1
        self.tally.ended = time.monotonic()
        return self.tally

    def wrote(self, kind: str, name: str, value: str = "") -> None:
        """Note a write that was acknowledged."""
        self.tally.written.setdefault(kind, {})[name] = value

    def put(self, number: int) -> None:
        """Write an object."""
        name = f"{self.number}/{number}"
        told = self.aws["s3"].put_object(Bucket="lake", Key=name, Body=name.encode() * 50)
        self.tally.ids.append(told["VersionId"])
        self.wrote("objects", name)

    def get(self, number: int) -> None:
        """Read the object written last."""
        name = f"{self.number}/{number}"
        if self.aws["s3"].get_object(Bucket="lake", Key=name)["Body"].read() != name.encode() * 50:
            raise ValueError("another object's bytes")

    def item(self, number: int) -> None:
        """Write an item."""
        name = f"{self.number}/{number}"
        self.aws["dynamodb"].put_item(TableName="carts", Item={"id": {"S": name}})
        self.wrote("items", name)

    def send(self, number: int) -> None:
        """Send a message."""
        name = f"{self.number}/{number}"
        self.tally.ids.append(self.aws["sqs"].send_message(QueueUrl=self.queue, MessageBody=name)["MessageId"])
        self.wrote("messages", name)

    def user(self, number: int) -> None:
        """Make a user of IAM."""
        name = f"u{self.number}-{number}"
        self.tally.ids.append(self.aws["iam"].create_user(UserName=name)["User"]["UserId"])
        self.wrote("users", name)

    def tag(self, number: int) -> None:
        """Set a tag, later ones over earlier ones."""
        name = f"t{number % TAGS}"
        self.aws["ec2"].create_tags(Resources=[self.group], Tags=[{"Key": name, "Value": str(number)}])
        self.wrote("tags", f"{self.group} {name}", str(number))

    def record(self, number: int) -> None:
        """Make a DNS record, and a zone where one is full."""
        if number % RECORDS == 0:
            name = f"z{self.number}-{number // RECORDS}.example"
            self.zone = self.cloudflare.zones.create(account={"id": self.access.account}, name=name, type="full").id
        name = f"r{self.number}-{number}"
        made = self.cloudflare.dns.records.create(
            zone_id=self.zone, name=name, type="TXT", content=f'"{name}"', ttl=300
        )
        self.tally.ids.append(made.id)
        self.wrote("records", f"{self.zone} {name}")

    def person(self, number: int) -> None:
        """Make a user of Okta."""
        login = f"p{self.number}-{number}@acme.example"
        profile = {"firstName": "P", "lastName": str(number), "email": login, "login": login}
        reply = self.okta.post(f"{self.access.url}/api/v1/users", json={"profile": profile}, timeout=60)
        reply.raise_for_status()
        self.tally.ids.append(reply.json()["id"])
        self.wrote("people", login)


def work(access: Access, number: int, calls: int) -> Tally:
    """Be one client."""
    return Client(access, number).work(calls)


def prepare(access: Access) -> Client:
    """Make what all clients use; returns the client that did."""
    session = boto3_session(access)
    make: Callable[[str], Any] = lambda name: session.client(name, endpoint_url=access.url)  # noqa: E731
    make("s3").create_bucket(Bucket="lake")
    make("s3").put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    make("dynamodb").create_table(
        TableName="carts", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    make("sqs").create_queue(QueueName="orders")
    return Client(access, CLIENTS)


def found(client: Client) -> dict[str, dict[str, str]]:
    """Read back what there is, kind by kind."""
    every = lambda api, call, key, **named: (  # noqa: E731
        entry for page in client.aws[api].get_paginator(call).paginate(**named) for entry in page.get(key, [])
    )
    zones = {zone.id for zone in client.cloudflare.zones.list()}
    records = [(zone, r.name) for zone in zones for r in client.cloudflare.dns.records.list(zone_id=zone)]
    return {
        "objects": {entry["Key"]: "" for entry in every("s3", "list_objects_v2", "Contents", Bucket="lake")},
        "items": {entry["id"]["S"]: "" for entry in every("dynamodb", "scan", "Items", TableName="carts")},
        "messages": received(client),
        "users": {entry["UserName"]: "" for entry in every("iam", "list_users", "Users")},
        "tags": {f"{t['ResourceId']} {t['Key']}": t["Value"] for t in every("ec2", "describe_tags", "Tags")},
        "records": {f"{zone} {name.partition('.')[0]}": "" for zone, name in records},
        "people": people(client),
    }


def received(client: Client) -> dict[str, str]:
    """Take every message out of the queue."""
    bodies: dict[str, str] = {}
    while got := client.aws["sqs"].receive_message(QueueUrl=client.queue, MaxNumberOfMessages=10).get("Messages"):
        bodies |= {message["Body"]: "" for message in got}
    return bodies


def people(client: Client) -> dict[str, str]:
    """List Okta's users, page after page."""
    logins: dict[str, str] = {}
    url: str | None = f"{client.access.url}/api/v1/users?limit=200"
    while url:
        reply = client.okta.get(url, timeout=60)
        logins |= {user["profile"]["login"]: "" for user in reply.json()}
        url = reply.links.get("next", {}).get("url")
    return logins


def measure(world: World, pool: Executor, calls: int, handle: Handle | None = None) -> dict[str, Any]:
    """Serve a world to the clients of a pool; returns the figures."""
    keys = world.credentials()
    with serve(handle or world.handle) as server:
        access = Access(
            server.url, keys.access_key_id, keys.secret_access_key, world.cloudflare.token,
            world.cloudflare.account_id, world.okta.token,
        )  # fmt: skip
        observer, total = prepare(access), Tally()
        for tally in pool.map(work, [access] * CLIENTS, range(CLIENTS), [calls // CLIENTS] * CLIENTS):
            total.add(tally)
        seconds = total.ended - total.began
        there = found(observer)
    lost = {
        kind: sum(1 for name, value in entries.items() if there[kind].get(name) != value)
        for kind, entries in total.written.items()
    }
    return {
        "calls": total.calls,
        "clients": CLIENTS,
        "seconds": round(seconds, 2),
        "calls per second": round(total.calls / seconds),
        "errors": dict(total.errors),
        "written": {kind: len(entries) for kind, entries in total.written.items()},
        "lost writes": {kind: count for kind, count in lost.items() if count},
        "duplicated ids": {name: count for name, count in Counter(total.ids).items() if count > 1},
    }


def main() -> int:
    """Print the figures; 1 when something was refused, lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith(("AWS_", "CLOUDFLARE_"))]:
        del os.environ[name]
    # The clients are forked before the world has threads.
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("fork")) as pool:
        list(pool.map(time.sleep, [0.05] * CLIENTS * 2))
        world = World(1, WallClock())
        figures = measure(world, pool, options.calls)
    world.close()
    print(json.dumps(figures, indent=1))
    return 1 if figures["errors"] or figures["lost writes"] or figures["duplicated ids"] else 0


if __name__ == "__main__":
    sys.exit(main())
