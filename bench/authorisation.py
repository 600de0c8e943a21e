"""What authorisation adds to a call: CPU microseconds for the cases that occur most.

python bench/authorisation.py
"""

import json
import time
from datetime import UTC, datetime

from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.aws_call import Call
from twin.world.principals import Credentials
from twin.world.world import World

CALLS = 5000
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def made(world, name, document):
    """Make a user in the store and return its key as the gateway finds it."""
    from twin.world.stores.moto_store import backends

    iam = backends("iam")[world.accounts[0]]["aws"]
    iam.create_user("us-east-1", name, "/", [])
    iam.users[name].put_policy("own", json.dumps(document))
    kept = iam.create_access_key(name)
    held = Credentials(kept.access_key_id, kept.secret_access_key)
    return world.keys.find(held.access_key_id)


def call(key, service, operation, url, parameters):
    """Return a call as the gateway would hand it over."""
    request = Request("GET", url, Headers())
    return Call(request, url, "us-east-1", service, operation, "json", key.principal, lambda: parameters, key)


def main():
    """Print one line per case."""
    world = World(1, VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)))
    from twin.world.stores.moto_store import backends

    account = world.accounts[0]
    backends("s3")[account]["aws"].create_bucket("lake", "us-east-1")
    narrow = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sqs:*", "dynamodb:GetItem"], "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/in/*"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lake/in/*"},
    ]}  # fmt: skip
    admin, user = made(world, "admin", ALLOW), made(world, "user", narrow)
    root = world.keys.find(world.credentials().access_key_id)
    put = ("s3", "PutObject", "https://s3.us-east-1.amazonaws.com/lake/in/k", {})
    queues = ("sqs", "ListQueues", "https://sqs.us-east-1.amazonaws.com/", {})
    vpcs = ("ec2", "DescribeVpcs", "https://ec2.us-east-1.amazonaws.com/", {})
    item = (
        "dynamodb",
        "GetItem",
        "https://dynamodb.us-east-1.amazonaws.com/",
        {"TableName": "t", "Key": {"id": {"S": "1"}}},
    )
    cases = {
        "root, DescribeVpcs": (root, vpcs), "root, PutObject": (root, put),
        "administrator, DescribeVpcs": (admin, vpcs),
        "user, ListQueues": (user, queues), "user, GetItem": (user, item), "user, PutObject": (user, put),
    }  # fmt: skip
    for name, (key, asked) in cases.items():
        one = call(key, *asked)
        world.gateway.authorisation(one)
        started = time.process_time()
        for _ in range(CALLS):
            world.gateway.authorisation(one)
        print(f"{name:30} {(time.process_time() - started) / CALLS * 1e6:7.1f} us")


if __name__ == "__main__":
    main()
