"""Follows each source of trouble to the people it reaches, and says where the way ends and how to mend it."""

from collections.abc import Callable, Collection
from datetime import datetime
from urllib.parse import urlsplit

from twin.analysis.channels.filters import starved
from twin.analysis.channels.locks import SERVICES, TOPIC, refusal
from twin.analysis.channels.paging import Record, service_of, service_problems
from twin.analysis.exposure.finding import Finding
from twin.observe.channels import Channels, Subscription
from twin.observe.monitors import PAGER, UNKNOWN
from twin.observe.source import EVERYWHERE, Source
from twin.semantics.oncall.addresses import CLOUDWATCH, HOST, without_key

HUMAN = ("email", "email-json", "sms")
NOBODY = "channel-reaches-nobody"
When = Callable[[Record], datetime]
"""The instant at which a service of PagerDuty is judged."""


class Trace:
    """The way from one source: `findings` are its broken links, `people` what it reaches in the end."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.people: list[str] = []

    def broken(self, rule: str, about: str, message: str, mend: str, *more: str) -> None:
        """Note a link that leads nowhere; `more` tells it from others of the same thing."""
        self.findings.append(Finding(rule, "medium", message, (about, *more), (self.source.id,), mend))

    def refused(self, channels: Channels, arn: str, *, service: str, by: str) -> bool:
        """Tell, and note, whether a topic or queue does not take what a service writes to it for `by`."""
        why = refusal(channels.locks.get(arn), arn, service=service, source=by)
        if why is not None:
            self.broken("channel-refused", arn, why.message, why.mend, why.by, why.service)
        return why is not None


def broken_links(channels: Channels, at: datetime | When, *, read_by_people: Collection[str] = ()) -> list[Finding]:
    """Return all broken links, each once, and the sources that reach nobody, the gravest first.

    `at` is the instant for all services of PagerDuty, or gives that of each. `read_by_people` are ARNs of queues that
    somebody looks into; a queue is nobody otherwise. What is at another receiver than PagerDuty is taken to reach
    somebody.
    """
    found: dict[tuple[str, tuple[str, ...]], Finding] = {}
    when: When = (lambda _: at) if isinstance(at, datetime) else at
    for source in channels.sources:
        trace = Trace(source)
        _follow(trace, channels, when, frozenset(read_by_people))
        for one in trace.findings:
            found.setdefault((one.rule, one.about), one)
        if not trace.people:
            reasons = tuple(one.message for one in trace.findings)
            message = f"the {source.kind} {_short(source.id)} reaches nobody"
            mend = trace.findings[0].mend if trace.findings else "give it a topic that somebody is subscribed to"
            found[NOBODY, (source.id,)] = Finding(NOBODY, "high", message, (source.id,), reasons, mend)
    return sorted(found.values(), key=lambda one: one.key)


def _short(arn: str) -> str:
    return arn.split(":", 5)[-1] if arn.startswith("arn:") else arn


def _follow(trace: Trace, channels: Channels, at: When, queues: frozenset[str]) -> None:
    source = trace.source
    if source.muted:
        trace.broken("channel-muted", source.id, f"{_short(source.id)}: {source.muted}", "enable it again")
        return
    if not source.tells:
        message = f"{_short(source.id)} has no action"
        trace.broken("channel-without-action", source.id, message, "let it notify a topic")
    for arn in source.tells:
        if arn.startswith(("mailto:", PAGER)):
            trace.people.append(arn)
        elif arn.startswith(UNKNOWN):
            name = arn.removeprefix(UNKNOWN)
            message = f"Datadog knows no service {name} of PagerDuty, which {_short(source.id)} calls"
            trace.broken(
                "channel-service-unknown", source.id, message, "hand the key of its integration to Datadog", name
            )
        elif arn in queues:
            if not trace.refused(channels, arn, service=SERVICES[source.kind], by=source.id):
                trace.people.append(arn)
        elif ":sns:" in arn:
            _topic(trace, arn, channels, at, queues)


def _topic(trace: Trace, arn: str, channels: Channels, at: When, queues: frozenset[str]) -> None:
    source, region = trace.source, arn.split(":")[3]
    if source.kind not in EVERYWHERE and region != source.region:
        message = f"{_short(source.id)} is in {source.region}, and its topic in {region}"
        trace.broken("channel-other-region", source.id, message, f"notify a topic in {source.region}")
        return
    if arn not in channels.topics:
        trace.broken("channel-topic-missing", arn, f"the topic {arn} does not exist", "make it, or name another")
        return
    if trace.refused(channels, arn, service=SERVICES[source.kind], by=source.id):
        return
    heard = [one for one in channels.subscriptions if one.topic == arn]
    if not heard:
        message = f"nobody is subscribed to {_short(arn)}"
        trace.broken("channel-unsubscribed", arn, message, "subscribe an address, or PagerDuty's integration URL")
    for one in heard:
        _subscription(trace, one, channels, at=at, queues=queues)


def _subscription(trace: Trace, one: Subscription, channels: Channels, *, at: When, queues: frozenset[str]) -> None:
    shown = without_key(one.endpoint)
    about = f"{one.topic} {one.protocol} {shown}"
    if not one.confirmed:
        message = f"the subscription of {shown} was never confirmed"
        trace.broken("channel-unconfirmed", about, message, "have its owner confirm it, or correct the endpoint")
        return
    if why := starved(one, trace.source):
        trace.broken("channel-filtered", about, f"the filter of {shown} lets nothing through: {why}", "mend it")
        return
    if one.endpoint in queues and trace.refused(channels, one.endpoint, service=TOPIC, by=one.topic):
        return
    if one.protocol in HUMAN or one.endpoint in queues:
        trace.people.append(one.endpoint)
    elif one.protocol in ("http", "https"):
        if urlsplit(one.endpoint).hostname == HOST:
            _pagerduty(trace, one, channels, at=at, about=about)
        else:
            trace.people.append(one.endpoint)


def _pagerduty(trace: Trace, one: Subscription, channels: Channels, *, at: When, about: str) -> None:
    found = service_of(one.endpoint, channels)
    if found is None:
        message = f"PagerDuty has no integration of the address {without_key(one.endpoint)}"
        trace.broken("channel-key-unknown", about, message, "subscribe the integration's own URL")
        return
    integration, service = found
    if one.raw and integration["type"] == CLOUDWATCH:
        message = "messages come to PagerDuty raw, without the subject by which it knows an alarm"
        trace.broken("channel-raw", about, message, "set RawMessageDelivery to false")
    elif integration["type"] == CLOUDWATCH and trace.source.kind != "alarm":
        message = (
            f"PagerDuty's CloudWatch integration takes alarms, and {_short(trace.source.id)} is a {trace.source.kind}"
        )
        trace.broken("channel-not-an-alarm", trace.source.id, message, "let an alarm tell of it, or another receiver")
    else:
        problems = list(service_problems(service, channels, at(service)))
        for rule, subject, message, mend in problems:
            trace.broken(rule, subject, message, mend)
        if not any(rule != "channel-gap-on-call" for rule, *_ in problems):
            trace.people.append(f"pagerduty:{service['id']}")
