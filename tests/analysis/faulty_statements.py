"""Statements that let in or give too much, each beside those that do not."""

from plans import ACCOUNT, ROOT, STRANGER, allow, deny, document, role, taken_by, when

TLS = deny("sqs:*", Principal="*", **when("Bool", "aws:SecureTransport", "false"))
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
ISSUER = "token.actions.githubusercontent.com"
CLOSED = {"block_public_acls": True, "ignore_public_acls": True, "block_public_policy": True}


def queue(*statements, **fields):
    """A queue whose policy has these statements and the one for TLS."""
    return {"aws.sqs.queue": {"it": {"name": "it", "policy": document(TLS, *statements), **fields}}}


def topic(*statements):
    """A topic."""
    return {"aws.sns.topic": {"it": {"name": "it", "policy": document(*statements)}}}


def bucket(*statements, **fields):
    """A bucket."""
    return {
        "aws.s3.bucket": {"it": {"bucket": "acme-it", "policy": document(*statements) if statements else {}, **fields}}
    }


def key(*statements):
    """A key."""
    return {"aws.kms.key": {"it": {"policy": document(*statements)}}}


def github(**tests):
    """A role that GitHub's tokens can take."""
    condition = {op: {f"{ISSUER}:{k}": v for k, v in keys.items()} for op, keys in tests.items()}
    return role(taken_by({"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity", Condition=condition))


def policy(*statements):
    """A managed policy."""
    return {"aws.iam.policy": {"it": {"name": "it", "policy": document(*statements)}}}


def user(*statements, **more):
    """A user with an inline policy."""
    return {"aws.iam.user": {"it": {"name": "it", "inline": {"p": document(*statements)}}}, **more}


READ = {"Action": "s3:GetObject", "Effect": "Allow", "Resource": "arn:aws:s3:::acme-it/*", "Principal": "*"}
SEND = allow("sqs:SendMessage", Principal="*")
AUD, SUB = {"aud": "sts.amazonaws.com"}, {"sub": "repo:acme/app:ref:refs/heads/main"}
AS_ROOT = allow("kms:*", Principal={"AWS": ROOT})
TOKEN = {**taken_by({"AWS": ROOT}), **when("Bool", "aws:MultiFactorAuthPresent", "true")}
WRITE = allow("s3:PutObject", "arn:aws:s3:::acme-it/*")
GUARD = {
    "Effect": "Deny",
    "NotAction": "iam:*",
    "Resource": "*",
    **when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
}
OF_OURS = when("StringEquals", "aws:SourceAccount", ACCOUNT)
EVENTS, S3 = {"Service": "events.amazonaws.com"}, {"Service": "s3.amazonaws.com"}
OUR_RULES = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/*"
OUR_BUCKET = {
    "ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-it"},
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
}
IN_ORG = when("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij")

# By name: the proof, the bad variant, the rule and level that it gives, the good variant.
STATEMENTS = {
    "queue for everybody": (
        "public_access",
        queue(SEND),
        ("TW1001", "error"),
        queue(allow("sqs:SendMessage", Principal={"AWS": ROOT})),
    ),
    "queue for everybody from everywhere": (
        "public_access",
        queue({**SEND, **when("IpAddress", "aws:SourceIp", "0.0.0.0/0")}),
        ("TW1001", "error"),
        queue({**SEND, **when("IpAddress", "aws:SourceIp", "203.0.113.0/24")}),
    ),
    "narrowed by what the caller chooses": (
        "public_access",
        queue({**SEND, **when("StringLike", "aws:UserAgent", "acme*")}),
        ("TW1001", "error"),
        queue({**SEND, **when("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0")}),
    ),
    "narrowed only if it exists": (
        "public_access",
        queue({**SEND, **when("StringEqualsIfExists", "aws:SourceVpce", "vpce-1")}),
        ("TW1001", "error"),
        queue({**SEND, **when("StringEquals", "aws:PrincipalAccount", ACCOUNT)}),
    ),
    "topic for all but one": (
        "public_access",
        topic({"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "sns:Publish", "Resource": "*"}),
        ("TW1001", "error"),
        topic(allow("sns:Publish", Principal={"AWS": ROOT})),
    ),
    "bucket without the block": (
        "public_access",
        bucket(READ, public_access_block={**CLOSED, "block_public_policy": False, "restrict_public_buckets": False}),
        ("TW1001", "error"),
        bucket(READ, public_access_block={**CLOSED, "block_public_policy": False, "restrict_public_buckets": True}),
    ),
    "bucket open to access control lists": (
        "public_access",
        bucket(
            object_ownership="ObjectWriter",
            public_access_block={"block_public_acls": False, "ignore_public_acls": False},
        ),
        ("TW1001", "warning"),
        bucket(object_ownership="ObjectWriter"),
    ),
    "everybody denied again": (
        "public_access",
        queue(SEND),
        ("TW1001", "error"),
        queue(SEND, deny("sqs:Send*", Principal="*")),
    ),
    "role for everybody": (
        "public_access",
        role(taken_by({"AWS": "*"})),
        ("TW1001", "error"),
        role(taken_by({"AWS": ROOT})),
    ),
    "key for everybody": (
        "public_access",
        key(AS_ROOT, allow("kms:Decrypt", Principal="*")),
        ("TW1001", "error"),
        key(AS_ROOT, allow("kms:Decrypt", Principal="*", **when("StringEquals", "kms:CallerAccount", ACCOUNT))),
    ),
    "queue for a stranger": (
        "other_accounts",
        queue(allow("sqs:SendMessage", Principal={"AWS": STRANGER})),
        ("TW1002", "warning"),
        queue(allow("sqs:SendMessage", Principal={"AWS": ACCOUNT})),
    ),
    "key for a stranger's role": (
        "other_accounts",
        key(AS_ROOT, allow("kms:Decrypt", Principal={"AWS": f"arn:aws:iam::{STRANGER}:role/r"})),
        ("TW1002", "warning"),
        key(AS_ROOT, allow("kms:Decrypt", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/r"})),
    ),
    "queue for another organization": (
        "other_accounts",
        queue({**SEND, **IN_ORG}),
        ("TW1002", "warning"),
        queue({**SEND, **when("StringEquals", "aws:PrincipalAccount", ACCOUNT)}),
    ),
    "third party without external id": (
        "other_accounts",
        role(taken_by({"AWS": STRANGER})),
        ("TW1008", "warning"),
        role(taken_by({"AWS": ROOT})),
    ),
    "external id that is any": (
        "other_accounts",
        role({**taken_by({"AWS": STRANGER}), **when("StringLike", "sts:ExternalId", "*")}),
        ("TW1008", "warning"),
        role(taken_by({"AWS": ROOT})),
    ),
    "attaches itself everything": (
        "escalation",
        user(allow("iam:AttachUserPolicy")),
        ("TW1003", "error"),
        user(allow("iam:AttachUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/other")),
    ),
    "passes an administrator's role": (
        "escalation",
        user(
            allow("iam:PassRole"),
            allow("lambda:CreateFunction"),
            allow("lambda:InvokeFunction"),
            **{
                "aws.iam.role": {
                    "boss": {"name": "boss", "trust": document(taken_by({"Service": "lambda.amazonaws.com"}))}
                },
                "aws.iam.attachment": {
                    "boss": {"role": "${aws.iam.role.boss.id}", "policy": "arn:aws:iam::aws:policy/AdministratorAccess"}
                },
            },
        ),
        ("TW1003", "error"),
        user(allow("lambda:CreateFunction"), allow("lambda:InvokeFunction")),
    ),
    "whole service": (
        "wildcards",
        policy(allow("sqs:*", "arn:aws:sqs:*:*:q")),
        ("TW1004", "warning"),
        policy(allow("sqs:SendMessage", "arn:aws:sqs:*:*:q")),
    ),
    "every resource": (
        "wildcards",
        policy(allow("sqs:SendMessage")),
        ("TW1004", "warning"),
        policy(allow("ecr:GetAuthorizationToken")),
    ),
    "every resource, permissions": (
        "wildcards",
        policy(allow("iam:PutUserPolicy")),
        ("TW1004", "warning"),
        policy(allow("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/u")),
    ),
    "every resource, reading": (
        "wildcards",
        policy(allow("sqs:GetQueueAttributes")),
        ("TW1004", "note"),
        policy(allow("sqs:ListQueues")),
    ),
    "every resource, by tag": (
        "wildcards",
        policy(allow("ec2:StopInstances")),
        ("TW1004", "warning"),
        policy(allow("ec2:StopInstances", **when("StringEquals", "aws:ResourceTag/team", "a"))),
    ),
    "all but": (
        "wildcards",
        policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        ("TW1004", "warning"),
        policy({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}),
    ),
    "role that people take": (
        "mfa",
        role(taken_by({"AWS": ROOT}), [WRITE]),
        ("TW1006", "warning"),
        role(TOKEN, [WRITE]),
    ),
    "role that people take, if it exists": (
        "mfa",
        role({**taken_by({"AWS": ROOT}), **when("BoolIfExists", "aws:MultiFactorAuthPresent", "true")}, [WRITE]),
        ("TW1006", "warning"),
        role(taken_by({"AWS": ROOT}), [allow("s3:GetObject", "arn:aws:s3:::acme-it/*")]),
    ),
    "person with power": ("mfa", user(WRITE), ("TW1006", "warning"), user(WRITE, GUARD)),
    "topic by any service": (
        "confused_deputy",
        topic(allow("sns:Publish", Principal={"Service": "events.amazonaws.com"})),
        ("TW1007", "warning"),
        topic(allow("sns:Publish", Principal={"Service": "events.amazonaws.com"}, **OF_OURS)),
    ),
    "deputy with a wild source": (
        "confused_deputy",
        topic(allow("sns:Publish", Principal=EVENTS, **when("ArnLike", "aws:SourceArn", "arn:aws:events:*"))),
        ("TW1007", "warning"),
        topic(allow("sns:Publish", Principal=EVENTS, **when("ArnLike", "aws:SourceArn", OUR_RULES))),
    ),
    "deputy for a bucket": (
        "confused_deputy",
        topic(allow("sns:Publish", Principal=S3, **when("ArnLike", "aws:SourceArn", "arn:aws:s3:::acme-it"))),
        ("TW1007", "warning"),
        topic(allow("sns:Publish", Principal=S3, Condition=OUR_BUCKET)),
    ),
    "every resource of a service": (
        "wildcards",
        policy(allow("sqs:SendMessage", "arn:aws:sqs:*:*:*")),
        ("TW1004", "warning"),
        policy(allow("sqs:SendMessage", "arn:aws:sqs:*:*:orders-*")),
    ),
    "role of a service that says": (
        "confused_deputy",
        role(taken_by({"Service": "backup.amazonaws.com"})),
        ("TW1007", "warning"),
        role({**taken_by({"Service": "backup.amazonaws.com"}), **OF_OURS}),
    ),
    "role of a service that does not say": (
        "confused_deputy",
        role(taken_by({"Service": "eks.amazonaws.com"})),
        ("TW1007", "warning"),
        role(taken_by({"Service": "ec2.amazonaws.com"})),
    ),
    "every repository": (
        "web_identity",
        github(StringEquals=AUD, StringLike={"sub": "repo:*"}),
        ("TW1009", "error"),
        github(StringEquals={**AUD, **SUB}),
    ),
    "names that begin alike": (
        "web_identity",
        github(StringEquals=AUD, StringLike={"sub": "repo:acme*"}),
        ("TW1009", "error"),
        github(StringEquals={**AUD, **SUB}),
    ),
    "whole organization": (
        "web_identity",
        github(StringEquals=AUD, StringLike={"sub": "repo:acme/*"}),
        ("TW1009", "warning"),
        github(StringEquals=AUD, StringLike=SUB),
    ),
    "every branch": (
        "web_identity",
        github(StringEquals=AUD, StringLike={"sub": "repo:acme/app:*"}),
        ("TW1009", "note"),
        github(StringEquals={**AUD, "sub": "repo:acme/app:environment:prod"}),
    ),
    "subject if there is one": (
        "web_identity",
        github(StringEquals=AUD, StringEqualsIfExists=SUB),
        ("TW1009", "error"),
        github(StringEquals={**AUD, **SUB}),
    ),
    "no audience": (
        "web_identity",
        github(StringEquals=SUB),
        ("TW1009", "warning"),
        github(StringEquals={**AUD, **SUB}),
    ),
    "any identity pool": (
        "web_identity",
        role(taken_by({"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity")),
        ("TW1009", "error"),
        role(
            taken_by(
                {"Federated": "cognito-identity.amazonaws.com"},
                "sts:AssumeRoleWithWebIdentity",
                **when("StringEquals", "cognito-identity.amazonaws.com:aud", "us-east-1:p"),
            )
        ),
    ),
    "key without the account": (
        "key_lockout",
        key(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/gone"})),
        ("TW1010", "error"),
        key(AS_ROOT),
    ),
    "key that denies its account": (
        "key_lockout",
        key(AS_ROOT, deny("kms:Put*", Principal="*")),
        ("TW1010", "error"),
        key(AS_ROOT, deny("kms:Decrypt", Principal="*")),
    ),
    "key of one role": (
        "key_lockout",
        {
            **role(taken_by({"Service": "ec2.amazonaws.com"})),
            **key(allow("kms:*", Principal={"AWS": "${aws.iam.role.it.arn}"})),
        },
        ("TW1010", "warning"),
        key(AS_ROOT),
    ),
}
