"""Principal and NotPrincipal in all forms, in the same account and across accounts."""
# ruff: noqa: E501 - a row is a line, so that the table reads as one.

from iam_rows import (
    ACCOUNT,
    ALICE,
    ALL,
    ALLOW,
    EVE,
    EXPLICIT,
    FEDERATED,
    IMPLICIT,
    NONE,
    OTHER,
    ROLE,
    SESSION,
    deny_to,
    policy,
    row,
    to,
)  # fmt: skip

ROOT, OTHER_ROOT = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{OTHER}:root"
PATHED = f"arn:aws:iam::{ACCOUNT}:role/team/app"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
EC2 = "ec2.amazonaws.com"

# (who, Principal element, decision with no identity policy in the same account)
SAME = [
    (ALICE, "*", ALLOW),
    (ALICE, {"AWS": "*"}, ALLOW),
    (ALICE, {"AWS": ALICE}, ALLOW),
    (ALICE, {"AWS": [EVE, ALICE]}, ALLOW),
    (ALICE, {"AWS": EVE}, IMPLICIT),
    (ALICE, {"AWS": ALICE + "x"}, IMPLICIT),
    (ALICE, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, IMPLICIT),
    (ALICE, {"AWS": ACCOUNT}, IMPLICIT),
    (ALICE, {"AWS": ROOT}, IMPLICIT),
    (ALICE, {"AWS": OTHER}, IMPLICIT),
    (ALICE, {"Service": EC2}, IMPLICIT),
    (ROLE, {"AWS": ROLE}, ALLOW),
    (SESSION, {"AWS": ROLE}, ALLOW),
    (SESSION, {"AWS": PATHED}, ALLOW),
    (SESSION, {"AWS": ROLE + "2"}, IMPLICIT),
    (SESSION, {"AWS": SESSION}, ALLOW),
    (SESSION, {"AWS": SESSION + "2"}, IMPLICIT),
    (SESSION, "*", ALLOW),
    (SESSION, {"AWS": ACCOUNT}, IMPLICIT),
    (ROLE, {"AWS": SESSION}, IMPLICIT),
    (ROLE, {"AWS": PATHED}, IMPLICIT),
    (FEDERATED, {"AWS": FEDERATED}, ALLOW),
    (FEDERATED, {"AWS": FEDERATED + "2"}, IMPLICIT),
    (FEDERATED, {"AWS": ACCOUNT}, IMPLICIT),
    (EC2, {"Service": EC2}, ALLOW),
    (EC2, {"Service": ["sqs.amazonaws.com", EC2]}, ALLOW),
    (EC2, {"Service": "sqs.amazonaws.com"}, IMPLICIT),
    (EC2, {"AWS": ACCOUNT}, IMPLICIT),
    (EC2, "*", ALLOW),
    (OIDC, {"Federated": OIDC}, ALLOW),
    (OIDC, {"Federated": OIDC + "x"}, IMPLICIT),
    ("accounts.google.com", {"Federated": "accounts.google.com"}, ALLOW),
    ("anonymous", "*", ALLOW),
    ("anonymous", {"AWS": "*"}, ALLOW),
    ("anonymous", {"AWS": ACCOUNT}, IMPLICIT),
]
# (who, Principal element, identity policies, decision) with the resource in the other account
CROSS = [
    (EVE, {"AWS": EVE}, [ALL], ALLOW),
    (EVE, {"AWS": EVE}, [], IMPLICIT),
    (EVE, {"AWS": EVE}, [NONE], IMPLICIT),
    (EVE, {"AWS": OTHER}, [ALL], ALLOW),
    (EVE, {"AWS": OTHER_ROOT}, [ALL], ALLOW),
    (EVE, {"AWS": OTHER}, [], IMPLICIT),
    (EVE, {"AWS": ACCOUNT}, [ALL], IMPLICIT),
    (EVE, "*", [ALL], ALLOW),
    (EVE, "*", [], IMPLICIT),
    (f"arn:aws:sts::{OTHER}:assumed-role/app/run", {"AWS": f"arn:aws:iam::{OTHER}:role/app"}, [ALL], ALLOW),
    (f"arn:aws:sts::{OTHER}:assumed-role/app/run", {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/app/run"}, [], IMPLICIT),
    (f"arn:aws:sts::{OTHER}:assumed-role/app/run", {"AWS": ROLE}, [ALL], IMPLICIT),
]
SPARED_USER = {"AWS": [EVE, OTHER_ROOT]}
SPARED_SESSION = {"AWS": [SESSION, ROLE, ROOT]}
# (who, NotPrincipal of a Deny, decision where all else allows)
SPARED = [
    (EVE, SPARED_USER, ALLOW),
    (f"arn:aws:iam::{OTHER}:user/mallory", SPARED_USER, EXPLICIT),
    (ALICE, SPARED_USER, EXPLICIT),
    ("anonymous", SPARED_USER, EXPLICIT),
    (EVE, {"AWS": EVE}, EXPLICIT),
    (SESSION, SPARED_SESSION, ALLOW),
    (SESSION + "2", SPARED_SESSION, EXPLICIT),
    (SESSION, {"AWS": [ROLE, ROOT]}, EXPLICIT),
    (ROLE, {"AWS": [ROLE, ROOT]}, ALLOW),
    (ALICE, {"AWS": [ROLE, ROOT]}, EXPLICIT),
    (EC2, {"Service": EC2}, ALLOW),
    (EC2, {"Service": "sqs.amazonaws.com"}, EXPLICIT),
]


def _same(who, principal, expected):
    return row("principal", f"{who} named by {principal}", expected, who=who, resource=policy(to(principal, "s3:*")),
               session=None)  # fmt: skip


def _cross(who, principal, identity, expected):
    claim = f"{who} with {len(identity)} identity policies ({identity != [NONE]}) named by {principal} elsewhere"
    return row("cross", claim, expected, who=who, identity=identity, resource=policy(to(principal, "s3:*")))


def _spared(who, listed, expected):
    resource = policy(to("*", "s3:*"), {"Effect": "Deny", "NotPrincipal": listed, "Action": "*", "Resource": "*"})
    return row(
        "notprincipal", f"{who} with NotPrincipal {listed}", expected, who=who, identity=[ALL], resource=resource
    )


def _denied(who, principal, expected):
    resource = policy(deny_to(principal, "s3:*"))
    return row("principal", f"{who} denied through {principal}", expected, who=who, identity=[ALL], resource=resource)


BUT_BOB = policy({"Effect": "Allow", "NotPrincipal": {"AWS": ALICE}, "Action": "s3:*", "Resource": "*"})
ROWS = [
    *(_same(*case) for case in SAME),
    *(_cross(*case) for case in CROSS),
    *(_spared(*case) for case in SPARED),
    _denied(ALICE, {"AWS": ALICE}, EXPLICIT),
    _denied(ALICE, {"AWS": ROOT}, EXPLICIT),
    _denied(ALICE, {"AWS": EVE}, ALLOW),
    _denied(SESSION, {"AWS": ROLE}, EXPLICIT),
    _denied(SESSION, {"AWS": SESSION}, EXPLICIT),
    _denied(SESSION, {"AWS": SESSION + "2"}, ALLOW),
    _denied(ALICE, "*", EXPLICIT),
    row("notprincipal", "an allow of all but one spares not the one", IMPLICIT, resource=BUT_BOB),
    row("notprincipal", "an allow of all but one allows another", ALLOW, who=ROLE, resource=BUT_BOB),
    row("boundaries", "a Deny with NotPrincipal always binds who has a boundary", EXPLICIT, who=EVE, identity=[ALL],
        boundaries=[ALL], resource=policy(to("*"), {"Effect": "Deny", "NotPrincipal": SPARED_USER, "Action": "*", "Resource": "*"})),
    row("principal", "an account delegates to identity policies of the same account", ALLOW, identity=[ALL], resource=policy(to({"AWS": ACCOUNT}))),
    row("principal", "a session told its role's path is another role's", IMPLICIT, who=SESSION,
        context={"aws:PrincipalArn": PATHED}, resource=policy(to({"AWS": ROLE}))),
    row("principal", "a session told its role's path is named by it", ALLOW, who=SESSION,
        context={"aws:PrincipalArn": PATHED}, resource=policy(to({"AWS": PATHED}))),
    row("principal", "a web identity session is named by its provider", ALLOW, who=SESSION,
        context={"aws:FederatedProvider": "cognito-identity.amazonaws.com"}, resource=policy(to({"Federated": "cognito-identity.amazonaws.com"}))),
    row("keys", "aws:PrincipalArn of a session is the role's", ALLOW, who=SESSION, resource=policy(to("*", condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}))),
    row("keys", "aws:PrincipalArn of a session is not the session's", IMPLICIT, who=SESSION, resource=policy(to("*", condition={"ArnEquals": {"aws:PrincipalArn": SESSION}}))),
    row("keys", "aws:PrincipalAccount is known", ALLOW, who=EVE, identity=[ALL], resource=policy(to("*", condition={"StringEquals": {"aws:PrincipalAccount": OTHER}}))),
    row("keys", "aws:ResourceAccount is known", EXPLICIT, who=EVE, resource=policy(to("*")),
        identity=[policy(*ALL["Statement"], {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceAccount": OTHER}}})]),
    row("keys", "aws:PrincipalType of a session", ALLOW, who=SESSION, resource=policy(to("*", condition={"StringEquals": {"aws:PrincipalType": "AssumedRole"}}))),
    row("keys", "aws:PrincipalIsAWSService of a service", ALLOW, who=EC2, resource=policy(to("*", condition={"Bool": {"aws:PrincipalIsAWSService": "true"}}))),
    row("keys", "aws:PrincipalIsAWSService of a user", IMPLICIT, resource=policy(to("*", condition={"Bool": {"aws:PrincipalIsAWSService": "true"}}))),
    row("keys", "aws:PrincipalArn is absent for anonymous callers", ALLOW, who="anonymous", resource=policy(to("*", condition={"Null": {"aws:PrincipalArn": "true"}}))),
]  # fmt: skip
