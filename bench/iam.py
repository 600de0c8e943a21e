"""Counts the AWS authorisation decisions per second of one core, with policies compiled before.

    python bench/iam.py [--seconds 0.5] [--json]

Each row is one kind of request: what binds it, decisions per second, and the ratio to the target of 50,000.
"""

import argparse
import json
import sys
import time

from rich.console import Console
from rich.table import Table

from twin.semantics.iam import Level, Policies, Request, compile_policy, decide

TARGET = 50_000
ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/i-0abc"
CONTEXT = {"aws:SourceIp": "10.1.2.3", "aws:SecureTransport": "true", "aws:PrincipalTag/team": "red"}


def statement(effect="Allow", action="*", resource="*", condition=None, principal=None):
    made = {"Effect": effect, "Action": action, "Resource": resource}
    return made | ({"Condition": condition} if condition else {}) | ({"Principal": principal} if principal else {})


def policy(kind, *statements):
    return compile_policy({"Version": "2012-10-17", "Statement": list(statements)}, kind)


FULL = policy("scp", statement())
READ = policy(
    "identity",
    statement(action=["s3:GetObject", "s3:ListBucket"], resource=["arn:aws:s3:::data", "arn:aws:s3:::data/*"]),
    statement(action="sqs:*", resource=f"arn:aws:sqs:*:{ACCOUNT}:jobs-*"),
    statement(action=["kms:Decrypt"], resource=f"arn:aws:kms:*:{ACCOUNT}:key/*"),
)
TAGGED = policy(
    "identity",
    statement(
        action="s3:*",
        resource="arn:aws:s3:::data/${aws:PrincipalTag/team}/*",
        condition={
            "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]},
            "Bool": {"aws:SecureTransport": True},
        },
    ),
)
TLS = statement("Deny", "s3:*", "*", {"Bool": {"aws:SecureTransport": "false"}}, "*")
BUCKET = policy("resource", TLS, statement("Allow", "s3:GetObject", "arn:aws:s3:::data/*", None, {"AWS": ACCOUNT}))
REGION = policy(
    "scp",
    statement("Deny", "*", "*", {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}),
)
OBJECT = "arn:aws:s3:::data/red/file"
CASES = {
    "identity policy": (USER, OBJECT, Policies(identity=(READ,))),
    "nothing allows": (USER, "arn:aws:s3:::other/file", Policies(identity=(READ,))),
    "variables and two conditions": (USER, OBJECT, Policies(identity=(TAGGED,))),
    "identity and bucket policy": (USER, OBJECT, Policies(identity=(READ,), resource=BUCKET)),
    "across accounts": ("arn:aws:iam::444455556666:user/eve", OBJECT, Policies(identity=(READ,), resource=BUCKET)),
    "explicit deny of an SCP": (USER, OBJECT, Policies(identity=(READ,), scps=(Level("root", (FULL, REGION)),))),
    "session, boundary, 3 SCP levels": (
        SESSION,
        OBJECT,
        Policies(
            identity=(READ,),
            boundaries=(policy("boundary", statement(action="s3:*")),),
            session=(policy("session", statement(action="s3:Get*")),),
            scps=tuple(Level(name, (FULL,)) for name in ("root", "ou", "account")),
        ),
    ),
}  # fmt: skip


def rate(request, policies, seconds):
    """Decide over and over for a while; decisions per second."""
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for _ in range(500):
            decide(request, policies)
        done += 500
    return done / spent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for name, (principal, resource, policies) in CASES.items():
        request = Request(principal, "s3:GetObject", resource, ACCOUNT, CONTEXT)
        verdict = decide(request, policies).decision
        rows.append((name, verdict, rate(request, policies, options.seconds)))
    mean = len(rows) / sum(1 / each for _, _, each in rows)
    if options.json:
        json.dump({"target": TARGET, "mean": mean, "rates": {n: r for n, _, r in rows}}, sys.stdout, indent=2)
        return 0 if mean >= TARGET else 1
    table = Table("request", "decision", "per second", "ratio to target")
    for name, verdict, each in rows:
        table.add_row(name, verdict, f"{each:,.0f}", f"{each / TARGET:.2f}")
    table.add_row("all, in turn", "", f"{mean:,.0f}", f"{mean / TARGET:.2f}")
    Console().print(table)
    return 0 if mean >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
