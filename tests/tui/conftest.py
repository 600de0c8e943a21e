"""A small plan with one resource in each state, and the spec that it came from."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from tui.app import Explorer
from tui.spec_lines import SpecLines
from twin.address import Address
from twin.engine.plan import Change, Difference, Plan, Unmanaged
from twin.resources.aws.kms import Key
from twin.resources.aws.rds import Instance
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.sqs import Queue
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired
from twin.resources.scope import Scope

SPEC = "\n".join(["version: 1", "data:", "  buckets:", "    lake: {versioned: true}", "  databases:", "    orders: {}"])
SCOPE = Scope("acme", "prod", account="111122223333")
SECRET = "hunter2-never-shown"
ORDERS = "aws.rds.instance.orders"
LAKE = "aws.s3.bucket.lake"
KEY = "aws.kms.key.data"


@pytest.fixture(scope="session", autouse=True)
def painting() -> Iterator[Callable[[Screen[Any]], None]]:
    """Paint nothing for a terminal that is not there: a test reads the screen, which draws it; yield what paints."""
    paints = Screen._compositor_refresh
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Screen, "_compositor_refresh", lambda screen: None)
        yield paints


@pytest.fixture
def desired() -> Desired:
    """A key, a bucket and a database that use it, and a queue."""
    catalogue()
    wanted = Desired()
    key = wanted.add("data", Key(description="data at rest"), ("keys",))
    wanted.add("lake", Bucket(bucket="acme-lake", versioning=True, policy=_policy(key.arn)), ("data",))
    wanted.add("orders", _database(key.arn), ("data",))
    wanted.add("jobs", Queue(name="acme-jobs"), ("data",))
    return wanted


@pytest.fixture
def plan(desired: Desired) -> Plan:
    """The key is as the spec says, the bucket drifted, the database is changed and replaced, the queue is new."""
    key, lake, orders, jobs = (_change(desired, name) for name in (KEY, LAKE, ORDERS, "aws.sqs.queue.jobs"))
    versioning = Difference("versioning", before=False, after=True, cause="drift")
    # A careless engine is assumed here: the screen hides a secret whatever the plan holds.
    password = Difference("password", SECRET + "-before", SECRET + "-after", "spec")
    engine = Difference("engine", "mysql", "postgres", "spec", replaces=True)
    rogue = Change(Address("aws.sqs.queue", "old"), "delete", "queue/old", observed={"name": "old"}, reason="gone")
    return Plan(
        SCOPE,
        "spec",
        "observed",
        (
            replace(key, action="no-op", id="key-1", observed=key.fields, reason=""),
            replace(
                lake,
                action="update",
                id="acme-lake",
                line=4,
                reason="drift",
                differences=(versioning,),
                observed={**lake.fields, "versioning": False},
            ),
            replace(
                orders,
                action="replace",
                id="acme-orders",
                line=6,
                after=(LAKE,),
                reason="engine cannot change in place",
                differences=(engine, password),
                observed={**orders.fields, "engine": "mysql", "password": SECRET + "-observed"},
                outputs={"endpoint": "orders.example:5432", "password": SECRET},
            ),
            jobs,
            rogue,
        ),
        unmanaged=(Unmanaged("okta.user", "00u1", "eve[bold]"),),
        unreadable={"aws.eks.cluster": "AccessDenied"},
        spec_file="org.yaml",
    )


@pytest.fixture
def explorer(plan: Plan, desired: Desired) -> Explorer:
    """The explorer on the small plan, its spec at hand."""
    return Explorer(plan, desired, SpecLines({"org.yaml": SPEC}.get))


def _database(key: str) -> Instance:
    return Instance(
        name="acme-orders", engine="postgres", instance_class="db.t4g.medium", allocated_storage=20,
        username="orders", kms_key=key, password=f"file:{Path('/run/secrets') / SECRET}",
    )  # fmt: skip


def _policy(key: str) -> dict[str, Any]:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*", "Condition": {}}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Sid": key}]}


def _change(desired: Desired, address: str) -> Change:
    declaration = desired[Address.parse(address)]
    return Change(declaration.address, "create", fields=declaration.values, file="org.yaml", line=2, reason="new")
