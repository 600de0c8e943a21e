"""Escalation policies, and who is on call by them.

https://developer.pagerduty.com/api-reference (escalation policies; on-calls)
"""

from twin.semantics.oncall.escalation import reached
from twin.wire import Response
from twin.world.saas.pagerduty.body import named, typed, wrapped
from twin.world.saas.pagerduty.errors import invalid
from twin.world.saas.pagerduty.paging import of_teams, page, searched
from twin.world.saas.pagerduty.state import ROUTER, Account, Record, find, pointed, reference, whole
from twin.world.saas.router import Hit, json_response

KINDS = {"user": "user", "user_reference": "user", "schedule": "schedule", "schedule_reference": "schedule"}
MOST_LOOPS = 9


def _rules(account: Account, body: Record) -> list[Record]:
    given = body.get("escalation_rules")
    if not isinstance(given, list) or not given:
        raise invalid("Escalation rules can't be empty")
    found = []
    for rule in given:
        delay, targets = rule.get("escalation_delay_in_minutes"), rule.get("targets")
        if not isinstance(delay, int) or delay < 1:
            raise invalid("Escalation delay in minutes must be at least 1 minute")
        if not isinstance(targets, list) or not targets:
            raise invalid("Escalation rule targets can't be empty")
        held = [_target(account, target) for target in targets]
        found.append({"id": rule.get("id") or account.new_id(), "escalation_delay_in_minutes": delay, "targets": held})
    return found


def _target(account: Account, target: Record) -> Record:
    kind = KINDS.get(str(target.get("type")))
    if kind is None:
        raise invalid("Escalation rule target type must be one of user_reference, schedule_reference")
    return {"id": pointed(account, kind, target, kind.capitalize()), "type": f"{kind}_reference"}


def _fields(account: Account, body: Record, policy: Record | None = None) -> Record:
    typed(body, num_loops=int, description=str, teams=list)
    name, loops = named(body), body.get("num_loops") or 0
    if any(one["name"] == name for one in account.policies.values() if one is not policy):
        raise invalid("Name has already been taken")
    if not 0 <= loops <= MOST_LOOPS:
        raise invalid(f"Num loops must be between 0 and {MOST_LOOPS}")
    handoffs = body.get("on_call_handoff_notifications") or "if_has_services"
    told: Record = {"name": name, "description": body.get("description"), "num_loops": loops}
    return told | {"on_call_handoff_notifications": handoffs, "escalation_rules": _rules(account, body)}


def shown(account: Account, policy: Record) -> Record:
    """Return a policy with the services that use it."""
    rules = [
        {**rule, "targets": [reference(account, KINDS[one["type"]], one["id"]) for one in rule["targets"]]}
        for rule in policy["escalation_rules"]
    ]
    users = [key for key, one in account.services.items() if one["#policy"] == policy["id"]]
    services = [reference(account, "service", key) for key in users]
    told = whole(account, "escalation_policy", policy)
    return told | {"escalation_rules": rules, "services": services, "teams": []}


@ROUTER.route("POST", "/escalation_policies")
def create_policy(account: Account, hit: Hit) -> Response:
    """Create an escalation policy."""
    policy: Record = {"id": account.new_id(), **_fields(account, wrapped(hit, "escalation_policy"))}
    account.policies[policy["id"]] = policy
    return json_response(201, {"escalation_policy": shown(account, policy)})


@ROUTER.route("GET", "/escalation_policies")
def list_policies(account: Account, hit: Hit) -> Response:
    """List escalation policies by name."""
    rows = searched(hit, of_teams(hit, list(account.policies.values())), "name")
    return page(hit, rows, lambda row: shown(account, row), "escalation_policies")


@ROUTER.route("GET", "/escalation_policies/<key>")
def get_policy(account: Account, hit: Hit) -> Response:
    """Return one escalation policy."""
    found = find(account, "escalation_policy", hit.path["key"])
    return json_response(200, {"escalation_policy": shown(account, found)})


@ROUTER.route("PUT", "/escalation_policies/<key>")
def update_policy(account: Account, hit: Hit) -> Response:
    """Change an escalation policy; open incidents go on by what it says from now on."""
    policy, body = find(account, "escalation_policy", hit.path["key"]), wrapped(hit, "escalation_policy")
    policy |= _fields(account, {**policy, **body}, policy)
    return json_response(200, {"escalation_policy": shown(account, policy)})


@ROUTER.route("DELETE", "/escalation_policies/<key>")
def delete_policy(account: Account, hit: Hit) -> Response:
    """Delete an escalation policy that no service uses."""
    policy = find(account, "escalation_policy", hit.path["key"])
    open_ = [one for one in account.incidents.values() if one["status"] != "resolved"]
    if any(one["#policy"] == policy["id"] for one in (*account.services.values(), *open_)):
        raise invalid("The escalation policy can't be deleted because it's being used by one or more services")
    del account.policies[policy["id"]]
    return Response(204)


@ROUTER.route("GET", "/oncalls")
def list_on_calls(account: Account, hit: Hit) -> Response:
    """List who is on call now, by policy, level and schedule."""
    wanted = {name: set(hit.query.getlist(f"{name}_ids[]")) for name in ("user", "schedule", "escalation_policy")}
    rows = [row for policy in account.policies.values() for row in _on_calls(account, policy)]
    rows = [row for row in rows if all(not keys or row[name] in keys for name, keys in wanted.items())]
    return page(hit, rows, lambda row: _on_call(account, row), "oncalls")


def _on_calls(account: Account, policy: Record) -> list[Record]:
    found: list[Record] = []
    at = account.instant()
    for level, rule in enumerate(policy["escalation_rules"], 1):
        for target in rule["targets"]:
            schedule = target["id"] if target["type"] == "schedule_reference" else None
            found += [
                {"escalation_policy": policy["id"], "level": level, "schedule": schedule, "user": user}
                for user in reached({"targets": [target]}, at, account.schedules.get)
            ]
    return found


def _on_call(account: Account, row: Record) -> Record:
    schedule = reference(account, "schedule", row["schedule"]) if row["schedule"] else None
    return {
        "escalation_policy": reference(account, "escalation_policy", row["escalation_policy"]),
        "escalation_level": row["level"],
        "schedule": schedule,
        "user": reference(account, "user", row["user"]),
        "start": None,
        "end": None,
    }
