"""Measures what the world adds to its store: `python bench/world.py [--rounds 200] [--json]`.

The goal is for the calls of an org's life, made, planned again and removed: how much more CPU time they take in the
world, with everything that it does, than in moto as it comes, which looks up at each call what the twin remembers.

Gateway: the CPU time that a call through `World.handle` takes beside refusals, behaviors and the store, over the time
that the store takes to answer the very same call. The small calls of each wire protocol, in a world with little in
it, are the worst case for a ratio: they show what the gateway costs where the store does least.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time
from typing import Any

import boto3
from rich.console import Console
from rich.table import Table

from twin.blueprints.compile import compile_spec
from twin.clock import VirtualClock
from twin.engine import connect
from twin.engine.apply import Means, apply
from twin.engine.planner import Request as Planning
from twin.engine.planner import plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.resources.mounting import mount_botocore
from twin.scenario.embedded import endpoints, make_world
from twin.spec.load import load
from twin.wire import Request, Response
from twin.world.stores.lookups import forgetting
from twin.world.world import World

GOAL = 10.0
LIVES = 3
SPEC = Path(__file__).parents[1] / "specs" / "mini-org.yaml"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'  # noqa: E501


@dataclass
class Timed:
    """The seconds of some calls: through the world, of that behind the gateway's door, of that in the store."""

    calls: int = 0
    world: float = 0.0
    inside: float = 0.0
    store: float = 0.0

    @property
    def gateway(self) -> float:
        """What it takes to know who asks for what, and to record it, in percent of the store's time."""
        return 100 * (self.world - self.inside) / self.store

    @property
    def rules(self) -> float:
        """What refusals and behaviors take, in percent of the store's time."""
        return 100 * (self.inside - self.store) / self.store


class Recorder:
    """Calls a world by boto3 and keeps each request as it was signed."""

    def __init__(self, world: World) -> None:
        keys = world.credentials()
        self.world, self.sent = world, list[Request]()
        self.session = boto3.session.Session(keys.access_key_id, keys.secret_access_key, region_name="us-east-1")
        mount_botocore(self.session.events, self._handle)

    def _handle(self, request: Request) -> Response:
        self.sent.append(request)
        return self.world.handle(request)

    def client(self, service: str) -> Any:
        """Make a client."""
        return self.session.client(service)


def repeatable(recorder: Recorder) -> dict[str, list[Request]]:
    """Return requests that can be made again and again, by wire protocol."""
    make = recorder.client
    s3, iam, ec2, rds, kms = (make(name) for name in ("s3", "iam", "ec2", "rds", "kms"))
    sqs, dynamodb, secrets, route53, eks = (make(n) for n in ("sqs", "dynamodb", "secretsmanager", "route53", "eks"))
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    s3.create_bucket(Bucket="lake")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    dynamodb.create_table(
        TableName="carts", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    secrets.create_secret(Name="db", SecretString="x")
    zone = route53.create_hosted_zone(Name="acme.example", CallerReference="1")["HostedZone"]["Id"]
    asked = {
        "query": [
            lambda: iam.get_role(RoleName="app"),
            lambda: iam.list_attached_role_policies(RoleName="app"),
            lambda: iam.list_role_policies(RoleName="app"),
            lambda: rds.describe_db_instances(),
        ],
        "ec2": [
            lambda: ec2.create_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}]),
            lambda: ec2.describe_vpcs(VpcIds=[vpc]),
            lambda: ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}]),
        ],
        "json": [
            lambda: dynamodb.put_item(TableName="carts", Item={"id": {"S": "1"}}),
            lambda: dynamodb.get_item(TableName="carts", Key={"id": {"S": "1"}}),
            lambda: sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"]),
            lambda: kms.encrypt(KeyId=key, Plaintext=b"x"),
            lambda: secrets.get_secret_value(SecretId="db"),
        ],
        "rest-json": [lambda: eks.list_clusters()],
        "rest-xml": [
            lambda: s3.put_object(Bucket="lake", Key="k", Body=b"x" * 1000),
            lambda: s3.get_object(Bucket="lake", Key="k"),
            lambda: s3.list_objects_v2(Bucket="lake"),
            lambda: route53.get_hosted_zone(Id=zone),
        ],
    }
    found = {}
    for protocol, calls in asked.items():
        recorder.sent.clear()
        for call in calls:
            call()
        found[protocol] = list(recorder.sent)
    return found


class Stopwatch:
    """Times a world's calls and, inside them, its store's; calls that never reach the store are not counted."""

    def __init__(self, world: World) -> None:
        self.world, self.figures = world, Timed()
        self._spent = Counter[str]()
        for part, owner, name in (
            ("store", world.gateway.store, "answer"),
            ("inside", world.gateway, "_carried_out"),
        ):
            vars(owner)[name] = self._clocked(part, getattr(owner, name))

    def _clocked(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        depth = 0

        def timed(*given: Any) -> Any:
            nonlocal depth
            depth += 1
            start = thread_time()
            try:
                return work(*given)
            finally:
                depth -= 1
                # A behavior's own calls are inside the call that it answers.
                if not depth:
                    self._spent[part] += thread_time() - start

        return timed

    def handle(self, request: Request) -> Response:
        """Answer as the world does."""
        self._spent.clear()
        start = thread_time()
        response = self.world.handle(request)
        took = thread_time() - start
        if self._spent["store"]:
            self.figures.calls += 1
            self.figures.world += took
            self.figures.inside += self._spent["inside"]
            self.figures.store += self._spent["store"]
        return response


def small_calls(rounds: int) -> dict[str, Timed]:
    """Time each protocol's calls, so many rounds of them."""
    world = World(1, VirtualClock(NOW))
    requests, timed = repeatable(Recorder(world)), {}
    watch = Stopwatch(world)
    for protocol, kept in requests.items():
        for number in range(-5, rounds):
            if number == 0:
                watch.figures = timed[protocol] = Timed()
            for request in kept:
                assert watch.handle(request).status < 300, request.url
    world.close()
    return timed


def org_life() -> Timed:
    """Time the calls of the bundled org: applied, planned again, destroyed."""
    desired, scope = compile_spec(load(SPEC, "prod", environ={}))
    world = make_world(scope, seed=1, clock=VirtualClock(NOW))
    watch = Stopwatch(world)
    target = connect.twin(scope, replace(endpoints(world), handle=watch.handle))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for destroys in (False, False, True):
            state = store.load()
            asked = Planning(desired, refresh(desired, target, state, every_type=destroys), state, target)
            planned = (plan_destroy if destroys else plan)(asked).plan
            assert apply(planned, target, store, Means(lambda _: None, str)).good
    world.close()
    return watch.figures


def forks_apart() -> list[tuple[str, float, str, float]]:
    """Return the figures of a process of its own: `twin run` has not gone through six orgs' lives before it forks."""
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("forks.py"))], stdout=subprocess.PIPE, check=True
    )
    return [tuple(figure) for figure in json.loads(ran.stdout)]


def main() -> int:
    """Print the org's line and one per protocol."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    gc.disable()
    org_life()  # what moto and botocore load once per process is nobody's call
    lives, plains = list[Timed](), list[Timed]()
    for _ in range(LIVES):
        lives.append(org_life())
        with forgetting():
            plains.append(org_life())
    plain = min(plains, key=lambda life: life.store)
    life = min(lives, key=lambda life: life.world)
    timed = {"an org's life": life} | small_calls(options.rounds)
    more = 100 * (life.world / plain.store - 1)
    if options.json:
        told = {name: {**vars(t), "gateway": t.gateway, "rules": t.rules} for name, t in timed.items()}
        print(json.dumps({"over moto as it comes": more, **told}, indent=1))
        return 0
    table = Table("calls of", "calls", "µs in the world", "µs in the store", "gateway", "refusals and behaviors")
    table.title = f"An org's life takes {more:+.1f} % over moto as it comes (goal: {GOAL:.0f} %)"
    for name, figures in timed.items():
        each = [f"{1e6 * seconds / figures.calls:.0f}" for seconds in (figures.world, figures.store)]
        table.add_row(name, str(figures.calls), *each, f"{figures.gateway:.1f} %", f"{figures.rules:.1f} %")
    Console().print(table)
    spans = Table("the bundled org's world", "measured", "goal")
    for name, value, unit, goal in forks_apart():
        spans.add_row(name, f"{value:.3g} {unit}", f"{goal:g} {unit}" if goal < float("inf") else "")
    Console().print(spans)
    return 0


if __name__ == "__main__":
    sys.exit(main())
