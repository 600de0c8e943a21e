"""Access policies of an authorization server and their rules: which client gets which token for how long."""

from twin.wire import Response
from twin.world.saas.okta.authorization_servers import SERVERS, find_server
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import policy_target, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.policy_shapes import filled
from twin.world.saas.okta.priorities import close_gaps, place
from twin.world.saas.okta.shapes import (
    IDS,
    READ_ONLY,
    STATUS,
    Check,
    choice,
    integer,
    listing,
    record,
    text,
)
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

POLICIES = f"{SERVERS}/<server_id>/policies"
RULES = f"{POLICIES}/<policy_id>/rules"
COMMON: dict[str, Check] = READ_ONLY | {"status": STATUS, "priority": integer(1, 10_000)}
POLICY = record(
    "name conditions",
    **COMMON,
    type=choice("OAUTH_AUTHORIZATION_POLICY"),
    name=text(least=1, most=100),
    description=text(least=1, most=255),
    conditions=record("clients", clients=record("include", include=IDS)),
)
GRANTS = choice(
    "authorization_code", "client_credentials", "implicit", "interaction_code", "password",
    "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:openid:params:grant-type:ciba",
)  # fmt: skip
DAY = 1440
TOKEN = record(
    accessTokenLifetimeMinutes=integer(5, DAY),
    refreshTokenLifetimeMinutes=integer(0, 5 * 365 * DAY),
    refreshTokenWindowMinutes=integer(0, 5 * 365 * DAY),
    inlineHook=record(id=text()),
)
RULE = record(
    "name type conditions",
    **COMMON,
    name=text(least=1, most=100),
    type=choice("RESOURCE_ACCESS"),
    actions=record(token=TOKEN),
    conditions=record(
        "grantTypes scopes",
        people=record(users=record(include=IDS, exclude=IDS), groups=record(include=IDS, exclude=IDS)),
        grantTypes=record("include", include=listing(GRANTS)),
        scopes=record("include", include=listing(text(least=1))),
    ),
)
TOKEN_DEFAULTS = {
    "token": {"accessTokenLifetimeMinutes": 60, "refreshTokenLifetimeMinutes": 0, "refreshTokenWindowMinutes": 7 * DAY}
}
PEOPLE_DEFAULTS: Record = {
    "people": {"users": {"include": [], "exclude": []}, "groups": {"include": [], "exclude": []}}
}


def _href(hit: Hit, policy: Record) -> str:
    return f"{base(hit)}{SERVERS}/{hit.path['server_id']}/policies/{policy['id']}"


def _render(hit: Hit, policy: Record) -> Record:
    href = _href(hit, policy)
    links = {"self": link(href, "GET", "PUT", "DELETE"), "rules": link(f"{href}/rules", "GET", "POST")}
    return {**policy, "_links": links | lifecycle(href, policy["status"])}


def _ordered(table: dict[str, Record]) -> list[Record]:
    return sorted(table.values(), key=lambda one: int(one["priority"]))


def _policies(org: Org, hit: Hit) -> dict[str, Record]:
    return org.server_policies[find_server(org, hit)["id"]]


def _log(org: Org, hit: Hit, event: str, policy: Record, *rule: Record) -> None:
    rules = [target("PolicyRule", one) for one in rule]
    log(org, event, policy_target(policy), *rules, target("AuthorizationServer", find_server(org, hit)))


def _policy(org: Org, hit: Hit) -> Record:
    return find(_policies(org, hit), hit.path["policy_id"], "AuthorizationServerPolicy")


def _policy_body(org: Org, hit: Hit, key: str = "") -> Record:
    body = checked(hit, POLICY, "policy")
    if any(one["name"] == body["name"] and one["id"] != key for one in _policies(org, hit).values()):
        refuse("name", "name: Policy name already in use")
    clients = {app["credentials"].get("oauthClient", {}).get("client_id") for app in org.apps.values()}
    for client in body["conditions"]["clients"]["include"]:
        if client != "ALL_CLIENTS" and client not in clients:
            refuse("conditions", f"conditions.clients: Invalid client '{client}'")
    return body


@ROUTER.route("POST", POLICIES)
def create_server_policy(org: Org, hit: Hit) -> Response:
    """Create a policy of an authorization server."""
    table, body = _policies(org, hit), _policy_body(org, hit)
    policy = org.new("00p", type="OAUTH_AUTHORIZATION_POLICY", status=body.get("status", "ACTIVE"), system=False)
    policy |= {"name": body["name"], "description": body.get("description") or body["name"], "priority": 1}
    policy["conditions"] = body["conditions"]
    place(table.values(), policy, body.get("priority"))
    table[policy["id"]] = policy
    org.server_rules[policy["id"]] = {}
    _log(org, hit, "policy.lifecycle.create", policy)
    return json_response(201, _render(hit, policy))


@ROUTER.route("GET", POLICIES)
def list_server_policies(org: Org, hit: Hit) -> Response:
    """List the policies of a server by priority."""
    return json_response(200, [_render(hit, one) for one in _ordered(_policies(org, hit))])


@ROUTER.route("GET", f"{POLICIES}/<policy_id>")
def get_server_policy(org: Org, hit: Hit) -> Response:
    """Return one policy."""
    return json_response(200, _render(hit, _policy(org, hit)))


@ROUTER.route("PUT", f"{POLICIES}/<policy_id>")
def replace_server_policy(org: Org, hit: Hit) -> Response:
    """Replace a policy."""
    policy = _policy(org, hit)
    body = _policy_body(org, hit, policy["id"])
    policy |= {"name": body["name"], "description": body.get("description") or body["name"]}
    policy["conditions"] = body["conditions"]
    place(_policies(org, hit).values(), policy, body.get("priority", policy["priority"]))
    org.touch(policy)
    _log(org, hit, "policy.lifecycle.update", policy)
    return json_response(200, _render(hit, policy))


@ROUTER.route("DELETE", f"{POLICIES}/<policy_id>")
def delete_server_policy(org: Org, hit: Hit) -> Response:
    """Delete a policy with its rules."""
    policy, table = _policy(org, hit), _policies(org, hit)
    del table[policy["id"]], org.server_rules[policy["id"]]
    close_gaps(table.values())
    _log(org, hit, "policy.lifecycle.delete", policy)
    return Response(204)


@ROUTER.route("POST", f"{POLICIES}/<policy_id>/lifecycle/activate")
def activate_server_policy(org: Org, hit: Hit) -> Response:
    """Activate a policy."""
    return _set_status(org, hit, "ACTIVE", "policy.lifecycle.activate")


@ROUTER.route("POST", f"{POLICIES}/<policy_id>/lifecycle/deactivate")
def deactivate_server_policy(org: Org, hit: Hit) -> Response:
    """Deactivate a policy."""
    return _set_status(org, hit, "INACTIVE", "policy.lifecycle.deactivate")


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    policy, *rule = _rule(org, hit) if "rule_id" in hit.path else (_policy(org, hit),)
    one = rule[0] if rule else policy
    if one["status"] != status:
        one["status"] = status
        org.touch(one)
        _log(org, hit, event, policy, *rule)
    return Response(204)


def _render_rule(hit: Hit, policy: Record, rule: Record) -> Record:
    href = f"{_href(hit, policy)}/rules/{rule['id']}"
    links = {"self": link(href, "GET", "PUT", "DELETE"), **lifecycle(href, rule["status"])}
    return {**rule, "_links": links}


def _rule(org: Org, hit: Hit) -> tuple[Record, Record]:
    policy = _policy(org, hit)
    return policy, find(org.server_rules[policy["id"]], hit.path["rule_id"], "AuthorizationServerPolicyRule")


def _rule_body(org: Org, hit: Hit, policy: Record, key: str = "") -> Record:
    body = checked(hit, RULE, "policyRule")
    if any(one["name"] == body["name"] and one["id"] != key for one in org.server_rules[policy["id"]].values()):
        refuse("name", "name: Policy rule name already in use")
    known = {scope["name"] for scope in org.scopes[hit.path["server_id"]].values()} | {"*"}
    for name in body["conditions"]["scopes"]["include"]:
        if name not in known:
            refuse("conditions", f"conditions.scopes: The scope '{name}' does not exist")
    people = body["conditions"].get("people", {})
    for kind, table in (("users", org.users), ("groups", org.groups)):
        for member in people.get(kind, {}).get("include", []):
            if member not in table and member != "EVERYONE":
                refuse("conditions", f"conditions.people.{kind}: Invalid id '{member}'")
    return body


def _rule_fields(body: Record) -> Record:
    return {
        "name": body["name"],
        "conditions": filled(PEOPLE_DEFAULTS, body["conditions"]),
        "actions": filled(TOKEN_DEFAULTS, body.get("actions", {})),
    }


@ROUTER.route("POST", RULES)
def create_server_rule(org: Org, hit: Hit) -> Response:
    """Create a rule of a policy."""
    policy = _policy(org, hit)
    body = _rule_body(org, hit, policy)
    rule = org.new("0pr", type="RESOURCE_ACCESS", status=body.get("status", "ACTIVE"), system=False, priority=1)
    rule |= _rule_fields(body)
    table = org.server_rules[policy["id"]]
    place(table.values(), rule, body.get("priority"))
    table[rule["id"]] = rule
    _log(org, hit, "policy.rule.add", policy, rule)
    return json_response(201, _render_rule(hit, policy, rule))


@ROUTER.route("GET", RULES)
def list_server_rules(org: Org, hit: Hit) -> Response:
    """List the rules of a policy by priority."""
    policy = _policy(org, hit)
    return json_response(200, [_render_rule(hit, policy, one) for one in _ordered(org.server_rules[policy["id"]])])


@ROUTER.route("GET", f"{RULES}/<rule_id>")
def get_server_rule(org: Org, hit: Hit) -> Response:
    """Return one rule."""
    return json_response(200, _render_rule(hit, *_rule(org, hit)))


@ROUTER.route("PUT", f"{RULES}/<rule_id>")
def replace_server_rule(org: Org, hit: Hit) -> Response:
    """Replace a rule."""
    policy, rule = _rule(org, hit)
    body = _rule_body(org, hit, policy, rule["id"])
    rule |= _rule_fields(body)
    place(org.server_rules[policy["id"]].values(), rule, body.get("priority", rule["priority"]))
    org.touch(rule)
    _log(org, hit, "policy.rule.update", policy, rule)
    return json_response(200, _render_rule(hit, policy, rule))


@ROUTER.route("DELETE", f"{RULES}/<rule_id>")
def delete_server_rule(org: Org, hit: Hit) -> Response:
    """Delete a rule."""
    policy, rule = _rule(org, hit)
    table = org.server_rules[policy["id"]]
    del table[rule["id"]]
    close_gaps(table.values())
    _log(org, hit, "policy.rule.delete", policy, rule)
    return Response(204)


@ROUTER.route("POST", f"{RULES}/<rule_id>/lifecycle/activate")
def activate_server_rule(org: Org, hit: Hit) -> Response:
    """Activate a rule."""
    return _set_status(org, hit, "ACTIVE", "policy.rule.activate")


@ROUTER.route("POST", f"{RULES}/<rule_id>/lifecycle/deactivate")
def deactivate_server_rule(org: Org, hit: Hit) -> Response:
    """Deactivate a rule."""
    return _set_status(org, hit, "INACTIVE", "policy.rule.deactivate")
