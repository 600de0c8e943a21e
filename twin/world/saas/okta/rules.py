"""Group rules: conditions on users that assign them to groups while the rule is active."""

from twin.wire import Response
from twin.world.saas.okta.body import checked, flag
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.membership import evaluate_rule, forget_rule
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.rule_expressions import ExpressionError, compile_expression
from twin.world.saas.okta.shapes import IDS, READ_ONLY, choice, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

RULES = "/api/v1/groups/rules"
SIZE = Size(50, 200)
MOST_RULES = 2000  # https://help.okta.com/en-us/content/topics/users-groups-profiles/usgp-about-group-rules.htm
EXPRESSION = record("value type", value=text(least=1), type=choice("urn:okta:expression:1.0"))
EXCLUDED = record(exclude=IDS, include=IDS)
BODY = record(
    "type name conditions actions",
    **READ_ONLY,
    type=choice("group_rule"),
    name=text(least=1, most=50),
    conditions=record("expression", expression=EXPRESSION, people=record(users=EXCLUDED, groups=EXCLUDED)),
    actions=record("assignUserToGroups", assignUserToGroups=record("groupIds", groupIds=IDS)),
    allGroupsValid=choice(True, False),
)


def render_rule(org: Org, hit: Hit, rule: Record) -> Record:
    """Return a rule; the names of its groups are embedded when asked for."""
    if hit.query.get("expand") != "groupIdToGroupNameMap":
        return rule
    wanted = rule["actions"]["assignUserToGroups"]["groupIds"]
    names = {key: org.groups[key]["profile"]["name"] for key in wanted if key in org.groups}
    return {**rule, "_embedded": {"groupIdToGroupNameMap": names}}


def _validated(org: Org, hit: Hit, rule_id: str = "") -> Record:
    body = checked(hit, BODY, "validateRule")
    if any(rule["name"] == body["name"] and rule["id"] != rule_id for rule in org.group_rules.values()):
        refuse("name", "name: Policy rule name already in use")
    try:
        compile_expression(body["conditions"]["expression"]["value"])
    except ExpressionError as wrong:
        refuse("validateRule", f"conditions.expression: {wrong}")
    for group_id in body["actions"]["assignUserToGroups"]["groupIds"]:
        group = org.groups.get(group_id)
        if not group or group["type"] != "OKTA_GROUP":
            refuse("validateRule", f"actions.assignUserToGroups: {group_id} is not a group that can be assigned")
    people = body["conditions"].get("people", {})
    exclude = {kind: {"exclude": list(people.get(kind, {}).get("exclude", []))} for kind in ("users", "groups")}
    _check_excluded(org, exclude)
    return {
        "name": body["name"],
        "conditions": {"people": exclude, "expression": body["conditions"]["expression"]},
        "actions": body["actions"],
    }


def _targets(rule: Record) -> list[str]:
    return list(rule["actions"]["assignUserToGroups"]["groupIds"])


def _check_excluded(org: Org, exclude: Record) -> None:
    for kind, table in (("users", org.users), ("groups", org.groups)):
        for key in exclude[kind]["exclude"]:
            if key not in table:
                refuse("validateRule", f"conditions.people.{kind}.exclude: {key} does not exist")


@ROUTER.route("POST", RULES)
def create_rule(org: Org, hit: Hit) -> Response:
    """Create a rule; it is INACTIVE until activated."""
    fields = _validated(org, hit)
    if len(org.group_rules) >= MOST_RULES:
        refuse("validateRule", f"The org holds the most rules allowed: {MOST_RULES}")
    rule = org.new("0pr", type="group_rule", status="INACTIVE") | fields
    org.group_rules[rule["id"]] = rule
    log(org, "policy.rule.add", target("PolicyRule", rule))
    return json_response(200, render_rule(org, hit, rule))


@ROUTER.route("GET", RULES)
def list_rules(org: Org, hit: Hit) -> Response:
    """List rules, by a part of their name or expression if `search` is given."""
    words = hit.query.get("search", "").casefold()
    rows = [
        rule
        for rule in org.group_rules.values()
        if words in rule["name"].casefold() or words in rule["conditions"]["expression"]["value"].casefold()
    ]
    return page(hit, rows, lambda rule: render_rule(org, hit, rule), SIZE)


def _rule(org: Org, hit: Hit) -> Record:
    return find(org.group_rules, hit.path["rule_id"], "GroupRule")


@ROUTER.route("GET", f"{RULES}/<rule_id>")
def get_rule(org: Org, hit: Hit) -> Response:
    """Return one rule."""
    return json_response(200, render_rule(org, hit, _rule(org, hit)))


@ROUTER.route("PUT", f"{RULES}/<rule_id>")
def replace_rule(org: Org, hit: Hit) -> Response:
    """Replace a rule that is INACTIVE."""
    rule = _rule(org, hit)
    if rule["status"] != "INACTIVE":
        refuse("validateRule", "status: Only an INACTIVE rule can be changed")
    fields = _validated(org, hit, rule["id"])
    dropped = [group_id for group_id in _targets(rule) if group_id not in _targets(fields)]
    forget_rule(org, rule, dropped, remove_users=False)
    rule |= fields
    org.touch(rule)
    log(org, "policy.rule.update", target("PolicyRule", rule))
    return json_response(200, render_rule(org, hit, rule))


@ROUTER.route("DELETE", f"{RULES}/<rule_id>")
def delete_rule(org: Org, hit: Hit) -> Response:
    """Delete a rule; its members stay unless `removeUsers` says otherwise."""
    rule = _rule(org, hit)
    forget_rule(org, rule, _targets(rule), remove_users=flag(hit, "removeUsers", False))
    del org.group_rules[rule["id"]]
    log(org, "policy.rule.delete", target("PolicyRule", rule))
    return Response(202)


@ROUTER.route("POST", f"{RULES}/<rule_id>/lifecycle/activate")
def activate_rule(org: Org, hit: Hit) -> Response:
    """Activate a rule: whoever matches is assigned at once."""
    rule = _rule(org, hit)
    if rule["status"] == "INVALID":
        refuse("validateRule", "status: An INVALID rule cannot be activated")
    if rule["status"] != "ACTIVE":
        rule["status"] = "ACTIVE"
        org.touch(rule)
        log(org, "policy.rule.activate", target("PolicyRule", rule))
        evaluate_rule(org, rule)
    return Response(204)


@ROUTER.route("POST", f"{RULES}/<rule_id>/lifecycle/deactivate")
def deactivate_rule(org: Org, hit: Hit) -> Response:
    """Deactivate a rule; who was assigned stays."""
    rule = _rule(org, hit)
    if rule["status"] == "ACTIVE":
        rule["status"] = "INACTIVE"
        org.touch(rule)
        log(org, "policy.rule.deactivate", target("PolicyRule", rule))
    return Response(204)
