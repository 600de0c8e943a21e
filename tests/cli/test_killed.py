"""kill -9 in the middle of an apply: whenever it strikes, the next apply converges, nothing leaks, nothing doubles."""

import json
import os
import random
import signal
import time
from pathlib import Path

import boto3
import pytest
from served import HEAD

from twin.cli import run

TRUST = (
    '{Version: "2012-10-17",'
    " Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}"
)
READ = '{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:ReceiveMessage", Resource: "*"}]}'
PARTS = 3
MOST = 180
"""Journal lines of the shortest run, about."""
COUNTS = {"vpcs": 1, "subnets": PARTS, "groups": PARTS, "tables": 1, "keys": PARTS, "buckets": PARTS, "topics": PARTS}


def spec(generation: int) -> str:
    """Return a spec of about forty resources; each generation has other names, so that each apply makes it anew."""
    g = f"g{generation}"
    lines = [
        HEAD + "resources:",
        "  aws.ec2.vpc:",
        f"    {g}: {{cidr_block: 10.{generation}.0.0/16, dns_hostnames: true}}",
        "  aws.ec2.internet_gateway:",
        f"    {g}: {{vpc: '${{aws.ec2.vpc.{g}.id}}'}}",
        "  aws.ec2.route_table:",
        f"    {g}: {{vpc: '${{aws.ec2.vpc.{g}.id}}',"
        f" routes: [{{destination: 0.0.0.0/0, gateway: '${{aws.ec2.internet_gateway.{g}.id}}'}}]}}",
        *section("aws.ec2.subnet", g, "{{vpc: '${{aws.ec2.vpc.{g}.id}}', cidr_block: 10.{g_}.{n}.0/24,"
            " availability_zone: us-east-1a}}"),
        *section(
            "aws.ec2.security_group", g,
            "{{vpc: '${{aws.ec2.vpc.{g}.id}}', name: {g}-{n}, description: d,"
            " ingress: [{{protocol: tcp, from_port: 443, to_port: 443, cidr: 10.0.0.0/8}}], egress: []}}",
        ),
        *section("aws.kms.key", g, "{{description: {g}-{n}}}"),
        *section("aws.kms.alias", g, "{{name: alias/{g}-{n}, key: '${{aws.kms.key.{g}-{n}.id}}'}}"),
        *section("aws.s3.bucket", g, "{{bucket: acme-{g}-{n}, versioning: true}}"),
        *section("aws.sns.topic", g, "{{name: {g}-{n}}}"),
        *section("aws.sqs.queue", g, "{{name: {g}-{n}}}"),
        *section(
            "aws.sns.subscription", g,
            "{{topic: '${{aws.sns.topic.{g}-{n}.arn}}', protocol: sqs, endpoint: '${{aws.sqs.queue.{g}-{n}.arn}}'}}",
        ),
        *section("aws.iam.role", g, "{{name: {g}-{n}, trust: " + braces(TRUST) + "}}"),
        *section("aws.iam.policy", g, "{{name: {g}-{n}, policy: " + braces(READ) + "}}"),
        *section("aws.iam.attachment", g, "{{role: '${{aws.iam.role.{g}-{n}.id}}',"
            " policy: '${{aws.iam.policy.{g}-{n}.arn}}'}}"),
        "  aws.iam.user:",
        f"    {g}: {{name: {g}}}",
        "  aws.secretsmanager.secret:",
        f"    {g}: {{name: {g}, recovery_window: 0}}",
        "  aws.iam.access_key:",
        f"    {g}: {{user: '${{aws.iam.user.{g}.id}}', store: '${{aws.secretsmanager.secret.{g}.arn}}'}}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def braces(text: str) -> str:
    """Protect the braces of a text from `format`."""
    return text.replace("{", "{{").replace("}", "}}")


def section(type_: str, g: str, form: str) -> list[str]:
    """Return a type's section with one resource per part."""
    return [f"  {type_}:"] + [f"    {g}-{n}: " + form.format(g=g, g_=g[1:], n=n) for n in range(PARTS)]


@pytest.fixture
def client(shell):
    """Clients of the served twin; it is up and empty."""
    assert shell("up")[0] == 0
    served = shell.served

    def make(service):
        return boto3.client(
            service,
            endpoint_url=served["url"],
            region_name="us-east-1",
            aws_access_key_id=served["access_key_id"],
            aws_secret_access_key=served["secret_access_key"],
        )

    return make


def counts(client) -> dict[str, int]:
    """Count what is there, whoever made it, without what AWS makes itself."""
    ec2 = client("ec2")
    return {
        "vpcs": sum(not v["IsDefault"] for v in ec2.describe_vpcs()["Vpcs"]),
        "subnets": sum(s["CidrBlock"].startswith("10.") for s in ec2.describe_subnets()["Subnets"]),
        "groups": sum(g["GroupName"] != "default" for g in ec2.describe_security_groups()["SecurityGroups"]),
        "tables": sum(bool(t["Tags"]) for t in ec2.describe_route_tables()["RouteTables"]),
        "keys": sum(
            client("kms").describe_key(KeyId=k["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
            for k in client("kms").list_keys()["Keys"]
        ),
        "buckets": len(client("s3").list_buckets()["Buckets"]),
        "topics": len(client("sns").list_topics()["Topics"]),
    }


def kill_in_the_middle(home: Path, lines: int) -> int:
    """Start an apply and kill it once its journal holds so many lines; returns how far it came."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os._exit(run(["apply", "spec.yaml"]))
    written = 0
    while written < lines and os.waitpid(child, os.WNOHANG) == (0, 0):
        found = list((home / "state").glob("*/journal.jsonl"))
        written = found[0].read_bytes().count(b"\n") if found else 0
        time.sleep(0.002)  # or looking costs as much as what is looked at
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it was killed before its end"
    return written


def test_a_killed_apply_is_mended_by_the_next_one(twin, shell, client, whole):
    """Seeded moments, one in each part of the run; each time one more apply brings exactly what is wanted."""
    moments, rounds = random.Random(20), 10 if whole else 3
    struck = []
    for generation in range(1, rounds + 1):
        (shell.folder / "spec.yaml").write_text(spec(generation))
        moment = moments.randrange((generation - 1) * MOST // rounds + 3, generation * MOST // rounds)
        struck.append(kill_in_the_middle(shell.home, moment))
        code, out, err = twin("apply", "spec.yaml")
        assert code == 0, out + err
        assert counts(client) == COUNTS
        (user,) = client("iam").list_users()["Users"]
        (key,) = client("iam").list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
        kept = json.loads(client("secretsmanager").get_secret_value(SecretId=f"g{generation}")["SecretString"])
        assert key["AccessKeyId"] in kept.values()
    code, out, _ = twin("plan", "spec.yaml", "--exit-code", "--all-types", "--json")
    plan = json.loads(out)
    assert (code, plan["summary"]["no-op"] >= 40, plan["unreadable"]) == (0, True, {})
    assert [u for u in plan["unmanaged"] if u["type"].startswith("aws.")] == []
    assert max(struck) - min(struck) > MOST // 3, "the kills were spread over the run"
