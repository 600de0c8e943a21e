"""Trouble reaches a person: TW1020 for what reaches nobody; TW1021 to TW1024 and TW1029 for links that are broken."""

from collections.abc import Iterator

from twin.analysis.channels import broken_links
from twin.analysis.channels.links import NOBODY
from twin.analysis.plan.case import Case
from twin.analysis.plan.channels import channels_of
from twin.analysis.plan.finding import Finding, Level

RULES: dict[str, tuple[str, Level]] = {
    NOBODY: ("TW1020", "error"),
    "channel-muted": ("TW1021", "warning"),
    "channel-without-action": ("TW1021", "warning"),
    "channel-other-region": ("TW1022", "warning"),
    "channel-unsubscribed": ("TW1023", "warning"),
    "channel-filtered": ("TW1024", "warning"),
    "channel-key-unknown": ("TW1023", "error"),
    "channel-refused": ("TW1029", "error"),
    "channel-raw": ("TW1024", "warning"),
    "channel-not-an-alarm": ("TW1024", "warning"),
}
FIELDS = {
    "aws.cloudwatch.alarm": "alarm_actions",
    "aws.events.rule": "targets",
    "aws.budgets.budget": "notifications",
    "aws.ce.anomaly_monitor": "name",
    "aws.ce.anomaly_subscription": "monitors",
    "aws.sns.topic": "name",
    "aws.sns.subscription": "filter_policy",
    "aws.sqs.queue": "name",
}
LOCKS = {"policy": "policy", "key": "kms_key"}
MUTED = {"aws.cloudwatch.alarm": "actions_enabled", "aws.events.rule": "enabled"}


def prove(case: Case) -> Iterator[Finding]:
    """Yield the broken links of a plan's channels, and each source of trouble that reaches nobody."""
    planned = channels_of(case.planned)
    for found in broken_links(planned.channels, planned.hour, read_by_people=planned.queues):
        if found.rule not in RULES:
            continue  # what is wrong behind a service of PagerDuty is told by the proof of paging
        rule, level = RULES[found.rule]
        one = planned.declared[found.about[0]]
        type_ = one.address.type
        field = FIELDS[type_]
        if found.rule == "channel-muted":
            field = MUTED.get(type_, field)
        elif found.rule == "channel-refused":
            field = LOCKS[found.about[1]]
        notes = tuple(found.witness) if found.rule == NOBODY else ()
        about = " ".join((found.rule, *found.about[1:]))
        yield Finding(
            rule, level, f"{one.address}: {found.message}", one, field, mend=found.mend, about=about, notes=notes
        )  # fmt: skip
