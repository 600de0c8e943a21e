"""On the served twin the AWS CLI, unchanged, may do what the policies let it, and reads the vendor's own refusal."""

import subprocess
import sys
from pathlib import Path

import pytest
from mounted import NOW, Clients
from people import ACCOUNT, allow, assumed, role, trust, user

from twin.clock import VirtualClock
from twin.world.server import serve
from twin.world.world import World

AWS = Path(sys.executable).parent / "aws"


@pytest.fixture
def cli(tmp_path):
    """The CLI with a role's session on a served world whose bucket has two prefixes."""
    world = World(5, VirtualClock(NOW), accounts=(ACCOUNT,))
    clients = Clients(world)
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    for key in ("in/a", "out/b"):
        s3.put_object(Bucket="lake", Key=key, Body=key.encode())
    within = {"StringLike": {"s3:prefix": "in/*"}}
    arn = role(clients, "reader", trust({"AWS": ACCOUNT}), allow("s3:GetObject", "arn:aws:s3:::lake/in/*"),
               allow("s3:ListBucket", "arn:aws:s3:::lake", Condition=within))  # fmt: skip
    held = assumed(clients, arn, user(clients, "ann", allow("sts:AssumeRole", arn)))
    with serve(world.handle) as server:
        environment = {
            **held.environment(), "AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": "us-east-1",
            "HOME": str(tmp_path), "PATH": "/usr/bin:/bin",
        }  # fmt: skip

        def run(*words):
            command = [str(AWS), *words]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

        yield run
    world.close()


def test_role_with_one_prefix_reads_it_and_nothing_else(cli):
    """`aws s3 ls` and `cp` work within the prefix and name the refusal outside of it."""
    assert "a\n" in cli("s3", "ls", "s3://lake/in/").stdout
    assert cli("s3", "cp", "s3://lake/in/a", "-").stdout == "in/a"
    outside = cli("s3api", "get-object", "--bucket", "lake", "--key", "out/b", "/dev/null")
    assert outside.returncode != 0
    assert "(AccessDenied)" in outside.stderr
    assert "because no identity-based policy allows the s3:GetObject action" in outside.stderr
