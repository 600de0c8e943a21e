"""The life of an incident: triggered, assigned, escalated, acknowledged, resolved; its timers stand on the agenda.

https://support.pagerduty.com/main/docs/incidents, .../escalation-policies, .../service-settings (timeouts); where
nobody is on call at any level no incident is triggered:
https://community.pagerduty.com/forum/t/no-incident-was-triggered-in-pagerduty-what-might-have-happened/1621
"""

from typing import Any

from twin.semantics.oncall.escalation import next_level
from twin.world.saas.pagerduty.log_entries import record
from twin.world.saas.pagerduty.services import status
from twin.world.saas.pagerduty.state import Account, Record
from twin.world.saas.pagerduty.webhooks import fire_incident

TIMER = "pagerduty.timer"
CLOSED = ("disabled", "maintenance")


def trigger(account: Account, service: Record, told: Record, *, via: Record) -> Record | None:
    """Open an incident, or add to the open one of the same key; None where nobody would be notified of it."""
    key = told["incident_key"]
    held = opened(account, service["id"], key)
    if held is not None:
        held["#events"] += 1
        record(account, held, "trigger_log_entry", channel=via)
        return held
    if (state := status(account, service)) in CLOSED:
        _dropped(account, service, state)
        return None
    policy = account.policies[told.get("policy") or service["#policy"]]
    level = next_level(policy, 0, account.instant(), account.schedules.get)
    if level is None and not told.get("assignees"):
        _dropped(account, service, "nobody on call")
        return None
    incident = _new(account, service, told, policy)
    record(account, incident, "trigger_log_entry", channel=via)
    _told(account, incident, "triggered", title=incident["title"])
    if told.get("assignees"):
        assign(account, incident, told["assignees"])
    elif level is not None:
        _reach(account, incident, *level)
    if (seconds := service["auto_resolve_timeout"]) is not None:
        _after(account, incident, "auto_resolve", seconds)
    fire_incident(account, "triggered", incident)
    return incident


def _dropped(account: Account, service: Record, why: str) -> None:
    account.tell("pagerduty.event.dropped", service=service["id"], name=service["name"], reason=why)


def _new(account: Account, service: Record, told: Record, policy: Record) -> Record:
    now = account.now()
    incident: Record = {
        "id": account.new_id(),
        "incident_number": len(account.incidents) + 1,
        "title": told["title"],
        "created_at": now,
        "status": "triggered",
        "incident_key": told["incident_key"],
        "urgency": told["urgency"],
        "last_status_change_at": now,
        "resolved_at": None,
        "body": told.get("body"),
        "#service": service["id"],
        "#policy": policy["id"],
        "#priority": told.get("priority"),
        "#assignees": {},
        "#acknowledgers": {},
        "#level": 0,
        "#events": 1,
        "#timers": {},
        "#notes": [],
    }
    account.incidents[incident["id"]] = incident
    service["last_incident_timestamp"] = now
    return incident


def opened(account: Account, service: str, key: str) -> Record | None:
    """Return the incident of a key that is not resolved yet."""
    for one in account.incidents.values():
        if (one["#service"], one["incident_key"]) == (service, key) and one["status"] != "resolved":
            return one
    return None


def assign(account: Account, incident: Record, users: list[str]) -> None:
    """Give an incident to people and notify them."""
    incident["#assignees"] = dict.fromkeys(users, account.now())
    record(account, incident, "assign_log_entry", assignees=users)
    notify(account, incident)


def notify(account: Account, incident: Record) -> None:
    """Notify those to whom an incident is assigned by every way there is to reach them."""
    for user in incident["#assignees"]:
        for method in account.users[user]["#contact_methods"]:
            record(account, incident, "notify_log_entry", user=user, notified_by=method["type"])
        ways = [method["type"] for method in account.users[user]["#contact_methods"]]
        kind = "notified" if ways else "unreachable"
        _told(account, incident, kind, user=user, email=account.users[user]["email"], ways=ways)


def _reach(account: Account, incident: Record, step: int, users: list[str]) -> None:
    incident["#level"] = step
    assign(account, incident, users)
    policy = account.policies[incident["#policy"]]
    rules = policy["escalation_rules"]
    # https://support.pagerduty.com/main/docs/incidents: what is of low urgency is not escalated.
    more = step + 1 < len(rules) * (policy["num_loops"] + 1)
    if incident["urgency"] == "high" and more:
        _after(account, incident, "escalate", rules[step % len(rules)]["escalation_delay_in_minutes"] * 60)


def acknowledge(account: Account, incident: Record, user: str | None, *, via: Record) -> None:
    """Take an incident: it escalates no more, until the service's timeout."""
    if incident["status"] == "resolved":
        return
    _change(account, incident, "acknowledged")
    _cancel(account, incident, "escalate")
    if user is not None:
        incident["#acknowledgers"][user] = account.now()
    record(account, incident, "acknowledge_log_entry", channel=via, agent=user)
    _told(account, incident, "acknowledged", user=user)
    fire_incident(account, "acknowledged", incident, agent=user)
    timeout = account.services[incident["#service"]]["acknowledgement_timeout"]
    if timeout is not None:
        _after(account, incident, "unacknowledge", timeout)


def resolve(account: Account, incident: Record, user: str | None, *, via: Record) -> None:
    """End an incident; nothing changes it any more."""
    if incident["status"] == "resolved":
        return
    _change(account, incident, "resolved")
    incident |= {"resolved_at": account.now(), "#assignees": {}, "#acknowledgers": {}}
    for name in list(incident["#timers"]):
        _cancel(account, incident, name)
    record(account, incident, "resolve_log_entry", channel=via, agent=user)
    _told(account, incident, "resolved", user=user)
    fire_incident(account, "resolved", incident, agent=user)


def snooze(account: Account, incident: Record, user: str, seconds: int) -> None:
    """Leave an incident alone for a while; then it is triggered again."""
    record(account, incident, "snooze_log_entry", agent=user, changed_actions=[{"type": "unacknowledge"}])
    _change(account, incident, "acknowledged")
    incident["#acknowledgers"][user] = account.now()
    _cancel(account, incident, "escalate")
    _after(account, incident, "unacknowledge", seconds)


def escalate(account: Account, incident: Record) -> None:
    """Pass an incident on to the next level that reaches anybody."""
    policy = account.policies[incident["#policy"]]
    level = next_level(policy, incident["#level"] + 1, account.instant(), account.schedules.get)
    if level is None:
        _told(account, incident, "exhausted")
        return
    record(account, incident, "escalate_log_entry", assignees=level[1])
    _told(account, incident, "escalated", level=level[0] % len(policy["escalation_rules"]) + 1)
    _reach(account, incident, *level)
    fire_incident(account, "escalated", incident)


def delegate(account: Account, incident: Record, policy: str, user: str) -> None:
    """Give an incident to another policy: whoever is on call at its first level has it from now on."""
    incident["#policy"] = policy
    level = next_level(account.policies[policy], 0, account.instant(), account.schedules.get)
    record(account, incident, "delegate_log_entry", agent=user, channel={"type": "api"})
    _told(account, incident, "delegated", policy=policy)
    if level is not None:
        _reach(account, incident, *level)
    fire_incident(account, "delegated", incident, agent=user)


def due(account: Account, incident: Record, name: str) -> None:
    """Do what a timer of an incident stands for."""
    incident["#timers"].pop(name, None)
    if incident["status"] == "resolved":
        return
    if name == "escalate":
        escalate(account, incident)
    elif name == "auto_resolve":
        resolve(account, incident, None, via={"type": "timeout"})
    else:
        _change(account, incident, "triggered")
        incident["#acknowledgers"] = {}
        record(account, incident, "unacknowledge_log_entry", channel={"type": "timeout"})
        _told(account, incident, "unacknowledged")
        _reach(account, incident, incident["#level"], list(incident["#assignees"]))
        fire_incident(account, "unacknowledged", incident)


def _change(account: Account, incident: Record, state: str) -> None:
    incident |= {"status": state, "last_status_change_at": account.now()}


def _after(account: Account, incident: Record, name: str, seconds: int) -> None:
    _cancel(account, incident, name)
    incident["#timers"][name] = account.agenda.after(seconds, TIMER, incident=incident["id"], name=name)


def _cancel(account: Account, incident: Record, name: str) -> None:
    number = incident["#timers"].pop(name, None)
    if number is not None:
        account.agenda.cancel(number)


def _told(account: Account, incident: Record, what: str, **more: Any) -> None:
    facts = {"incident": incident["id"], "service": incident["#service"], "urgency": incident["urgency"]}
    account.tell(f"pagerduty.incident.{what}", **facts, **more)
