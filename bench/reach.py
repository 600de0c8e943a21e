"""Times reach over a made-up org: what every principal can do with every resource, and who can become whom.

    python bench/reach.py [--principals 1000] [--resources 10000] [--json]

The org has four accounts under service control policies, thirty teams with policies by prefix, users in groups, roles
that people, services and other accounts assume, functions and instances that work under roles, and bucket, queue and
key policies. One core's time; nothing is remembered from a run before.
"""

import argparse
import json
import random
import sys
import time

from rich.console import Console
from rich.table import Table

from twin.analysis.reach import Reach
from twin.analysis.reach.holdings import holdings
from twin.analysis.reach.subject import Node
from twin.observe.iam.org import Account, Document, Group, Identity, Managed, Org, Thing, text

TARGET = 10.0
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ACCOUNTS = [f"{n}" * 12 for n in (1, 2, 3, 4)]
TEAMS = 30
KINDS = (
    ("s3.bucket", 30), ("sqs.queue", 25), ("secretsmanager.secret", 15), ("dynamodb.table", 10), ("kms.key", 5),
    ("lambda.function", 10), ("ec2.instance", 5),
)  # fmt: skip


def document(*statements):
    return text({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(**principal):
    return text(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
        }
    )


def arn(kind, account, name):
    service, _, what = kind.partition(".")
    if kind == "s3.bucket":
        return f"arn:aws:s3:::{name}"
    paths = {"queue": "", "secret": "secret:", "table": "table/", "key": "key/", "function": "function:"}
    return f"arn:aws:{service}:us-east-1:{account}:{paths.get(what, what + '/')}{name}"


def team_policy(team):
    own = f"team-{team:02}"
    return document(
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{own}-*/*"),
        allow("s3:ListBucket", f"arn:aws:s3:::{own}-*"),
        allow(["sqs:SendMessage", "sqs:ReceiveMessage"], f"arn:aws:sqs:*:*:{own}-*"),
        allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:*:*:secret:{own}-*"),
        allow(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"], f"arn:aws:dynamodb:*:*:table/{own}-*"),
        allow("lambda:InvokeFunction", f"arn:aws:lambda:*:*:function:{own}-*"),
    )


def make_org(principals, resources, seed=1):
    """Make the org; the same seed makes the same one."""
    dice = random.Random(seed)
    leaving = {**allow("organizations:LeaveOrganization"), "Effect": "Deny"}
    limits = (
        ("r-1", (Document("FullAWSAccess", document(allow("*"))),)),
        ("ou-1", (Document("stay", document(allow("*"), leaving)),)),
    )
    objects = [Account(one, limits if one != ACCOUNTS[0] else None, "o-1") for one in ACCOUNTS]
    objects.append(Managed(ADMINISTRATOR, (("v1", document(allow("*"))),), "v1"))
    for account in ACCOUNTS:
        for team in range(TEAMS):
            policy = f"arn:aws:iam::{account}:policy/team-{team:02}"
            objects.append(Managed(policy, (("v1", team_policy(team)),), "v1"))
            objects.append(Group(f"arn:aws:iam::{account}:group/team-{team:02}", (), (policy,)))
    roles = []
    for number in range(principals):
        account, team = ACCOUNTS[number % 4], number % TEAMS
        if number % 3:
            objects.append(user(account, team, number, dice))
        else:
            roles.append(role(account, team, number, dice))
    return Org((*objects, *roles, *things(resources, roles, dice)))


def user(account, team, number, dice):
    """A user of a team; some may assume roles by name or make keys for another."""
    inline = ()
    if number % 20 == 1:
        inline = (Document("own", document(allow("sts:AssumeRole", f"arn:aws:iam::*:role/team-{team:02}-*"))),)
    if number % 97 == 1:
        other = f"arn:aws:iam::{account}:user/u{dice.randrange(number + 1)}"
        inline = (Document("keys", document(allow("iam:CreateAccessKey", other))),)
    group = f"arn:aws:iam::{account}:group/team-{team:02}"
    return Identity(f"arn:aws:iam::{account}:user/u{number}", inline, (), (group,))


def role(account, team, number, dice):
    """A role of a team; a few administer, some deploy; a quarter each is trusted to accounts and services."""
    attached = (f"arn:aws:iam::{account}:policy/team-{team:02}",)
    inline = ()
    if number % 99 == 0:
        attached = (ADMINISTRATOR,)
    elif number % 33 == 0:
        passing = allow("iam:PassRole", f"arn:aws:iam::{account}:role/team-{team:02}-*")
        inline = (Document("deploy", document(passing, allow(["lambda:*", "ec2:RunInstances"]))),)
    by = (
        {"AWS": f"arn:aws:iam::{account}:root"}, {"Service": "lambda.amazonaws.com"}, {"Service": "ec2.amazonaws.com"},
        {"AWS": f"arn:aws:iam::{dice.choice(ACCOUNTS)}:root"},
    )  # fmt: skip
    trusted = trust(**by[number // 3 % 4])
    return Identity(f"arn:aws:iam::{account}:role/team-{team:02}-r{number}", inline, attached, trust=trusted)


def things(count, roles, dice):
    """Resources of all kinds; keys have a policy each, one bucket and queue in fifty too; functions have roles."""
    made = []
    for number in range(count):
        kind = dice.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
        account = dice.choice(ACCOUNTS)
        name = arn(kind, account, f"team-{number % TEAMS:02}-t{number}")
        policy = ""
        if kind == "kms.key":
            owner = {"AWS": f"arn:aws:iam::{account}:root"}
            policy = document({**allow("kms:*"), "Principal": owner})
        elif kind in ("s3.bucket", "sqs.queue") and number % 50 == 0:
            reader = {"AWS": dice.choice(roles).arn}
            granted = allow(["s3:GetObject", "sqs:SendMessage"], [name, f"{name}/*"])
            policy = document({**granted, "Principal": reader})
        works = (dice.choice(roles).arn,) if kind in ("lambda.function", "ec2.instance") else ()
        made.append(Thing(name, kind, account, policy, (), works))
    return made


def run(principals, resources):
    """Compute everything once; seconds of each part, and what came out."""
    org = make_org(principals, resources)
    start = time.process_time()
    reach = Reach(org)
    made = holdings(reach)
    held = time.process_time()
    becoming = sum(sum(1 for _ in reach.search.held(Node(one))) - 1 for one in reach.principals())
    became = time.process_time()
    changed = next(one for one in org.objects if isinstance(one, Identity) and one.inline)
    again = reach.update(Identity(changed.arn, (), changed.attached, changed.groups, trust=changed.trust))
    asked = again.asker.asked
    holdings(again)
    updated = time.process_time()
    return {
        "what everyone can do": held - start,
        "who can become whom": became - held,
        "together": became - start,
        "what everyone can do, after one change": updated - became,
    }, {
        "pairs that can": made.pairs(),
        "groups": f"{len(made.principals)} x {len(made.resources)}",
        "can become": becoming,
        "questions decided": asked,
        "decided after one change": again.asker.asked - asked,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--principals", type=int, default=1000)
    parser.add_argument("--resources", type=int, default=10000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    seconds, counts = run(options.principals, options.resources)
    if options.json:
        json.dump({"target": TARGET, "seconds": seconds, "counts": counts}, sys.stdout, indent=2)
        return 0 if seconds["together"] <= TARGET else 1
    table = Table("part", "seconds", f"of {TARGET:.0f}")
    for name, each in seconds.items():
        table.add_row(name, f"{each:.2f}", f"{each / TARGET:.2f}")
    console = Console()
    console.print(table)
    console.print(", ".join(f"{name}: {value}" for name, value in counts.items()))
    return 0 if seconds["together"] <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
