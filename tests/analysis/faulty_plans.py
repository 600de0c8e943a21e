"""Faults planted in plans, each beside the plan without it."""

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


PAGES = f"arn:aws:sns:us-east-1:{ACCOUNT}:pages"
QUEUE_OF_PAGES = f"arn:aws:sqs:us-east-1:{ACCOUNT}:pages"


def watched(subscription=(), *, heard=True, **alarm):
    """An alarm that notifies a topic, to which an address is subscribed."""
    told = {"name": "errors", "namespace": "Shop", "metric": "Errors", "statistic": "Sum", "period": 60}
    told |= {"threshold": 5, "comparison": "GreaterThanThreshold", "alarm_actions": ["${aws.sns.topic.pages.arn}"]}
    hearer = {"topic": "${aws.sns.topic.pages.arn}", "protocol": "email", "endpoint": "ops@acme.example"}
    found = {"aws.cloudwatch.alarm": {"errors": told | alarm}, "aws.sns.topic": {"pages": {"name": "pages"}}}
    return found | ({"aws.sns.subscription": {"ops": hearer | dict(subscription)}} if heard else {})


def rule(pattern, *, trail=True, **more):
    """A rule on events that rings a queue, in an org with a trail."""
    targets = [{"id": "pages", "arn": QUEUE_OF_PAGES}]
    found = {"aws.events.rule": {"it": {"name": "it", "pattern": pattern, "targets": targets, **more}}}
    kept = {
        "name": "main",
        "bucket": "acme-audit",
        "log_group_arn": f"{LOG}:*",
        "log_role": f"arn:aws:iam::{ACCOUNT}:role/logs",
    }
    return found | ({"aws.cloudtrail.trail": {"main": kept}} if trail else {})


LOG = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail"


def pager(*, service=(), level=(), layer=(), **monitor):
    """A monitor that calls a service, whose policy calls a schedule on which Ada is."""
    turns = {"users": ["${pagerduty.user.ada.id}"], "start": "2026-01-01T00:00:00Z", **dict(layer)}
    first = {"schedules": ["${pagerduty.schedule.ada.id}"], **dict(level)}
    told = {"name": "errors", "query": "avg(last_5m):sum:a{*} > 1", "message": "@pagerduty-shop", **monitor}
    policy = "${pagerduty.escalation_policy.it.id}"
    return {
        "pagerduty.user": {"ada": {"name": "Ada", "email": "ada@acme.example"}},
        "pagerduty.schedule": {"ada": {"name": "Ada", "layers": [turns]}},
        "pagerduty.escalation_policy": {"it": {"name": "it", "levels": [first]}},
        "pagerduty.service": {"it": {"name": "it", "escalation_policy": policy, **dict(service)}},
        "pagerduty.integration": {"it": {"service": "${pagerduty.service.it.id}", "name": "it"}},
        "datadog.pagerduty_service": {"shop": {"name": "shop", "integration": "${pagerduty.integration.it.id}"}},
        "datadog.monitor": {"errors": told},
    }


def counted(pattern='{ $.eventName = "StopLogging" }', **alarm):
    """A filter on the trail's log group, and the alarm on what it counts."""
    made = watched(namespace="Trail", metric="stops", **alarm) | rule({"source": ["aws.ec2"]})
    told = {"name": "stops", "group": "trail", "pattern": pattern, "namespace": "Trail", "metric": "stops"}
    return made | {"aws.logs.metric_filter": {"stops": told}}


def calls(**more):
    """A pattern on calls of IAM."""
    return {"source": ["aws.iam"], "detail-type": ["AWS API Call via CloudTrail"], **more}


def listener(**fields):
    """A listener of a load balancer that faces the Internet."""
    balancer = {"name": "lb", "subnets": ["subnet-0123456789abcdef0"], "security_groups": ["sg-0123456789abcdef0"]}
    one = {"load_balancer": "${aws.elbv2.load_balancer.lb.arn}", "port": 80, **fields}
    return {"aws.elbv2.load_balancer": {"lb": {**balancer, "internal": False}}, "aws.elbv2.listener": {"it": one}}


def template(**volume):
    """A launch template with one disk."""
    one = {"name": "it", "image": "ami-1", "instance_type": "t3.small", "security_groups": ["sg-0123456789abcdef0"]}
    return {"aws.ec2.launch_template": {"it": {**one, "volume": {"device": "/dev/xvda", "size": 8, **volume}}}}


def database(**fields):
    """A database."""
    one = {
        "name": "it", "engine": "postgres", "engine_version": "16.9", "instance_class": "db.t4g.micro",
        "allocated_storage": 20, "subnet_group": "g", "security_groups": ["sg-0123456789abcdef0"], "username": "app",
    }  # fmt: skip
    return {"aws.rds.instance": {"it": {**one, **fields}}}


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
CASES = {
    "monitor that is muted": ("paging", pager(muted=True), ("TW1021", "error"), pager()),
    "monitor that calls nobody": (
        "paging",
        pager(message="help"),
        ("TW1021", "error"),
        pager(message="@ops@acme.example"),
    ),
    "monitor that calls nobody known": ("paging", pager(message="@pagerduty-shops"), ("TW1023", "error"), pager()),
    "service that is disabled": ("paging", pager(service={"disabled": True}), ("TW1028", "error"), pager()),
    "service of low urgency": ("paging", pager(service={"urgency": "low"}), ("TW1028", "warning"), pager()),
    "policy without a person": (
        "paging",
        pager(level={"schedules": [], "users": []}),
        ("TW1028", "error"),
        pager(level={"schedules": [], "users": ["${pagerduty.user.ada.id}"]}),
    ),
    "nobody by night": (
        "paging",
        pager(layer={"daily_from": "09:00:00", "daily_seconds": 28800}),
        ("TW1028", "warning"),
        pager(layer={"daily_from": "09:00:00", "daily_seconds": 86400}),
    ),
    "alarm without action": ("channels", watched(alarm_actions=[]), ("TW1021", "warning"), watched()),
    "alarm that is muted": ("channels", watched(actions_enabled=False), ("TW1021", "warning"), watched()),
    "alarm on a topic elsewhere": (
        "channels",
        watched(alarm_actions=[PAGES.replace("us-east-1", "eu-west-1")]),
        ("TW1022", "warning"),
        watched(alarm_actions=[PAGES]),
    ),
    "topic that nobody hears": ("channels", watched(heard=False), ("TW1023", "warning"), watched()),
    "alarm that reaches nobody": ("channels", watched(heard=False), ("TW1020", "error"), watched()),
    "filter on an attribute": (
        "channels",
        watched({"filter_policy": {"severity": ["critical"]}}),
        ("TW1024", "warning"),
        watched(),
    ),
    "rule that is disabled": (
        "channels",
        rule(calls(), enabled=False),
        ("TW1021", "warning"),
        rule(calls()),
    ),
    "filter on a field that no record has": (
        "blind_watchers",
        counted('{ $.eventname = "StopLogging" }'),
        ("TW1025", "error"),
        counted(),
    ),
    "alarm on a metric that nothing counts": (
        "blind_watchers",
        counted() | {"aws.cloudwatch.alarm": watched(namespace="Trail", metric="stop")["aws.cloudwatch.alarm"]},
        ("TW1025", "error"),
        counted(),
    ),
    "alarm on dimensions that nothing has": (
        "blind_watchers",
        counted(dimensions={"User": "eve"}),
        ("TW1025", "error"),
        counted(),
    ),
    "rule on a field outside of detail": (
        "blind_watchers",
        rule(calls(eventName=["CreateUser"])),
        ("TW1026", "error"),
        rule(calls(detail={"eventName": ["CreateUser"]})),
    ),
    "rule on what its source does not tell": (
        "blind_watchers",
        rule({"source": ["aws.access-analyzer"], "detail-type": ["Access Analyser Finding"]}),
        ("TW1026", "error"),
        rule({"source": ["aws.access-analyzer"], "detail-type": ["Access Analyzer Finding"]}),
    ),
    "rule on findings without a detector": (
        "blind_watchers",
        rule({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}),
        ("TW1026", "error"),
        rule({"source": ["aws.guardduty"]}) | {"aws.guardduty.detector": {"main": {}}},
    ),
    "rule on calls without a trail": ("blind_watchers", rule(calls(), trail=False), ("TW1026", "error"), rule(calls())),
    "findings that nobody hears": (
        "blind_watchers",
        {"aws.guardduty.detector": {"main": {}}},
        ("TW1027", "note"),
        rule({"source": ["aws.guardduty"]}) | {"aws.guardduty.detector": {"main": {}}},
    ),
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
    "bucket without TLS": (
        "in_transit",
        bucket(),
        ("TW1011", "warning"),
        bucket(
            deny(
                "s3:*",
                ["arn:aws:s3:::acme-it", "arn:aws:s3:::acme-it/*"],
                Principal="*",
                **when("Bool", "aws:SecureTransport", "false"),
            )
        ),
    ),
    "objects without TLS": (
        "in_transit",
        bucket(deny("s3:*", "arn:aws:s3:::acme-it", Principal="*", **when("Bool", "aws:SecureTransport", "false"))),
        ("TW1011", "warning"),
        queue(),
    ),
    "listener in the clear": (
        "in_transit",
        listener(protocol="HTTP", fixed_response={"status": "200"}),
        ("TW1012", "warning"),
        listener(protocol="HTTP", redirect={"protocol": "HTTPS", "port": "443"}),
    ),
    "disks in the clear": ("at_rest", template(encrypted=False), ("TW1013", "error"), template(encrypted=True)),
    "database in the clear": (
        "at_rest",
        database(storage_encrypted=False),
        ("TW1013", "error"),
        database(storage_encrypted=True),
    ),
}
