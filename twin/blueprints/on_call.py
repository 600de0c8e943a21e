"""Who is on call: PagerDuty's people, schedules, policies and services, and the topics that page them."""

from collections.abc import Iterator

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.messages import topic_policy
from twin.blueprints.names import key_arn, paging_topic
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.declaration import Path
from twin.resources.pagerduty.escalation_policy import EscalationPolicy, Level
from twin.resources.pagerduty.schedule import Layer, Schedule
from twin.resources.pagerduty.service import Integration, Service
from twin.resources.pagerduty.team import Team
from twin.resources.pagerduty.user import User
from twin.spec.model.on_call import OnCall

AT: Path = ("on_call",)


def build(blueprint: Blueprint) -> None:
    """Declare who is on call, and the topics of every severity that something pages with."""
    on_call = blueprint.org.on_call
    if on_call is None:
        return
    _people(blueprint, on_call)
    _schedules(blueprint, on_call)
    _policies(blueprint, on_call)
    _services(blueprint, on_call)
    for severity, alarms in dict.fromkeys(_used(blueprint)):
        _paging(blueprint, on_call, severity, alarms=alarms)


def _used(blueprint: Blueprint) -> Iterator[tuple[str, bool]]:
    """Yield each severity that pages, and whether alarms do, whose end is told as well."""
    audit, billing = blueprint.org.audit, blueprint.org.billing
    watched = audit.trail.watch.values() if audit.trail else ()
    alarms = [one.page for one in audit.alarms.values()] + [one.page for one in watched]
    alarms += [one.page for one in billing.alarms.values()]
    events = [one.page for one in audit.events.values()] + [one.page for one in billing.budgets.values()]
    events += [billing.anomalies.page] if billing.anomalies else []
    yield from ((page, True) for page in alarms if page)
    yield from ((page, False) for page in events if page)


def _people(blueprint: Blueprint, on_call: OnCall) -> None:
    workforce = blueprint.org.workforce.people if blueprint.org.workforce else {}
    for name, one in on_call.people.items():
        at: Path = (*AT, "people", name)
        known = workforce.get(name)
        user = User(
            name=one.name or (known.name if known else name),
            email=one.email or (known.email if known else ""),
            time_zone=one.time_zone,
            job_title=one.title or (known.title if known else None),
        )
        blueprint.add(name, user, at, {field: (*at, field) for field in ("name", "email", "time_zone")})
    for name, intent in on_call.teams.items():
        at = (*AT, "teams", name)
        team = Team(name=blueprint.name(name), description=intent.description, members=_users(intent.people))
        blueprint.add(name, team, at, {"members": (*at, "people")})


def _schedules(blueprint: Blueprint, on_call: OnCall) -> None:
    for name, intent in on_call.schedules.items():
        at: Path = (*AT, "schedules", name)
        layers = []
        for one in intent.rotations:
            span = one.span()
            hours = {"daily_from": span[0], "daily_seconds": span[1]} if span else {}
            turn = int(one.turn.total_seconds())
            layers.append(Layer(users=_users(one.people), start=one.start, turn_seconds=turn, **hours))
        schedule = Schedule(name=blueprint.name(name), time_zone=intent.time_zone, layers=layers)
        blueprint.add(name, schedule, at, {"time_zone": (*at, "time_zone"), "layers": (*at, "rotations")})


def _policies(blueprint: Blueprint, on_call: OnCall) -> None:
    for name, intent in on_call.policies.items():
        at: Path = (*AT, "policies", name)
        levels = [
            Level(
                users=_users(one.people),
                schedules=[ref("pagerduty.schedule", schedule) for schedule in one.schedules],
                minutes=int(one.after.total_seconds()) // 60,
            )
            for one in intent.levels
        ]
        policy = EscalationPolicy(name=blueprint.name(name), levels=levels, loops=intent.loops)
        blueprint.add(name, policy, at, {"levels": (*at, "levels"), "loops": (*at, "loops")})


def _services(blueprint: Blueprint, on_call: OnCall) -> None:
    timeouts = ("acknowledgement_timeout", "auto_resolve_timeout")
    for name, intent in on_call.services.items():
        at: Path = (*AT, "services", name)
        told = {field: getattr(intent, field) for field in timeouts}
        service = Service(
            name=blueprint.name(name),
            escalation_policy=ref("pagerduty.escalation_policy", intent.policy),
            urgency=intent.urgency,
            disabled=intent.disabled,
            **{field: int(value.total_seconds()) for field, value in told.items() if value is not None},
        )
        places = {field: (*at, field) for field in ("urgency", "disabled", *timeouts)}
        blueprint.add(name, service, at, {**places, "escalation_policy": (*at, "policy")})


def _paging(blueprint: Blueprint, on_call: OnCall, severity: str, *, alarms: bool) -> None:
    """Declare the topic of a severity, PagerDuty's way into its service, and the subscription between them."""
    at: Path = (*AT, "severities", severity)
    intent, name = on_call.severities[severity], paging_topic(severity, alarms=alarms)
    topic = Topic(
        name=blueprint.name(name), kms_key=key_arn(intent.key), policy=topic_policy(blueprint, blueprint.name(name))
    )
    made = blueprint.add(name, topic, at, {"kms_key": (*at, "key")})
    kind = "aws_cloudwatch" if alarms else "events_api_v2"
    way_in = Integration(service=ref("pagerduty.service", intent.service), name=blueprint.name(name), kind=kind)
    blueprint.add(name, way_in, at, {"service": (*at, "service")})
    heard = Subscription(topic=made.arn, protocol="https", endpoint=ref("pagerduty.integration", name))
    blueprint.add(name, heard, at)


def _users(names: tuple[str, ...]) -> list[str]:
    return [ref("pagerduty.user", name) for name in names]
