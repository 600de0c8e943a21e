"""Ways to tell somebody that are broken in a plan, each beside the plan in which they are not."""

from plans import ACCOUNT

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


# By name: the proof, the bad variant, the rule and level that it gives, the good variant.
CHANNELS = {
    "monitor that is muted": ("paging", pager(muted=True), ("TW1021", "error"), pager()),
    "monitor that calls nobody": (
        "paging",
        pager(message="help"),
        ("TW1021", "error"),
        pager(message="@ops@acme.example"),
    ),
    "monitor that calls when it is over": (
        "paging",
        pager(message="{{#is_recovery}}@pagerduty-shop{{/is_recovery}}"),
        ("TW1021", "error"),
        pager(message="{{#is_alert}}@pagerduty-shop{{/is_alert}}"),
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
}
