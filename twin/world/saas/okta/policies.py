"""Policies of an org: global session, authentication, enrolment and password policies."""

from twin.wire import Response
from twin.world.saas.okta.body import flag, object_of, one_of, verify
from twin.world.saas.okta.errors import OktaError, not_found, refuse
from twin.world.saas.okta.expansions import expanded
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import policy_target, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.policy_shapes import PASSWORD_DEFAULTS, POLICY, RULE_DEFAULTS, RULE_TYPE, TYPES, filled
from twin.world.saas.okta.priorities import close_gaps, place
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

POLICIES = "/api/v1/policies"
SIGN_ON = "application.policy.sign_on.update"
SIZE = Size(100, 200)
ENROLLABLE = ("okta_password", "okta_email")
CATCH_ALL = {
    "appSignOn": {
        "access": "ALLOW",
        "verificationMethod": {"type": "ASSURANCE", "factorMode": "2FA", "reauthenticateIn": "PT2H", "constraints": []},
    }
}


def render_policy(hit: Hit, policy: Record) -> Record:
    """Return a policy with its links."""
    href = f"{base(hit)}{POLICIES}/{policy['id']}"
    links = {"self": link(href, "GET", "PUT", "DELETE"), **lifecycle(href, policy["status"])}
    links["rules"] = link(f"{href}/rules", "GET", "POST")
    if policy["type"] == "ACCESS_POLICY":
        links["mappings"] = link(f"{href}/mappings", "GET", "POST")
    return {**policy, "_links": links}


def of_type(org: Org, kind: str) -> list[Record]:
    """Return the policies of a type by priority, the system's own last."""
    rows = [policy for policy in org.policies.values() if policy["type"] == kind]
    return sorted(rows, key=lambda policy: (policy["priority"], policy["system"]))


def add_policy(org: Org, fields: Record, *, system: bool = False, priority: int | None = None) -> Record:
    """Add a policy at its priority; authentication policies all have priority 1 and begin with a catch-all rule."""
    policy = org.new("00p", status="ACTIVE", system=system, priority=1) | fields
    peers = of_type(org, policy["type"])
    org.policies[policy["id"]] = policy
    org.policy_rules[policy["id"]] = {}
    if policy["type"] != "ACCESS_POLICY":
        place(peers, policy, priority)
        _default_last(org, policy["type"])
    else:
        add_rule(org, policy, {"name": "Catch-all Rule", "actions": CATCH_ALL}, system=True, priority=99)
    return policy


def _default_last(org: Org, kind: str) -> None:
    peers = of_type(org, kind)
    for policy in peers:
        if policy["system"]:
            policy["priority"] = len(peers)


def add_rule(org: Org, policy: Record, fields: Record, *, system: bool = False, priority: int = 1) -> Record:
    """Add a rule to a policy, its unsaid fields filled with the defaults of its type."""
    rule = org.new("0pr", status="ACTIVE", system=system, priority=priority)
    rule |= {"type": RULE_TYPE[policy["type"]], "name": fields["name"]}
    rule |= filled(RULE_DEFAULTS[policy["type"]], {k: fields[k] for k in ("conditions", "actions") if k in fields})
    org.policy_rules[policy["id"]][rule["id"]] = rule
    return rule


def check_people(org: Org, conditions: Record | None, at: str = "conditions") -> None:
    """Refuse conditions that name groups, users or zones which do not exist."""
    people = (conditions or {}).get("people") or {}
    network = (conditions or {}).get("network") or {}
    for where, part, table in (
        ("people.groups", people.get("groups"), org.groups),
        ("people.users", people.get("users"), org.users),
        ("network", network, org.zones),
    ):
        for key in [*((part or {}).get("include") or []), *((part or {}).get("exclude") or [])]:
            if key not in table and not (where == "network" and key == "ALL_ZONES"):
                refuse(at, f"{at}.{where}: Invalid id '{key}'")
    if network.get("connection") == "ZONE" and not (network.get("include") or network.get("exclude")):
        refuse(at, f"{at}.network: A zone must be included or excluded when the connection is ZONE")


def _validated(org: Org, hit: Hit, policy: Record | None = None) -> Record:
    body = object_of(hit)
    kind = body.get("type")
    if kind not in TYPES or (policy and policy["type"] != kind):
        refuse("type", f"type: '{kind}' is not a policy type that is served here, or not the policy's own")
    verify(body, POLICY[str(kind)], "policy")
    name = body["name"]
    taken = [one for one in of_type(org, str(kind)) if one["name"] == name and one is not policy]
    if taken:
        refuse("name", "name: Policy name already in use")
    check_people(org, body.get("conditions"))
    if kind == "MFA_ENROLL":
        _check_enrolment(org, body.get("settings"))
    return body


def _check_enrolment(org: Org, settings: Record | None) -> None:
    if settings is None:
        return
    active = {one["key"] for one in org.authenticators.values() if one["status"] == "ACTIVE"}
    listed = settings.get("authenticators", [])
    for one in listed:
        if one["key"] not in active and one["enroll"]["self"] != "NOT_ALLOWED":
            refuse("settings.authenticators", f"settings.authenticators: {one['key']} is not an active authenticator")
    if not any(one["key"] in ENROLLABLE and one["enroll"]["self"] == "REQUIRED" for one in listed):
        refuse("settings", "At least one of Password or Email authenticator must be set to required.")


def _fields(org: Org, body: Record) -> Record:
    kind = body["type"]
    fields: Record = {"type": kind, "name": body["name"], "description": body.get("description") or ""}
    fields["conditions"] = body.get("conditions") or (None if kind == "ACCESS_POLICY" else {})
    if kind == "PASSWORD":
        fields["settings"] = filled(PASSWORD_DEFAULTS, body.get("settings"))
        fields["conditions"] = filled({"authProvider": {"provider": "OKTA"}}, body.get("conditions") or {})
    if kind == "MFA_ENROLL":
        fields["settings"] = filled(enrolment_defaults(org), body.get("settings"))
    return fields


def enrolment_defaults(org: Org) -> Record:
    """Return the enrolment settings of a new policy: the password is required, other active ones are optional."""
    listed = [
        {"key": one["key"], "enroll": {"self": "REQUIRED" if one["key"] in ENROLLABLE else "OPTIONAL"}}
        for one in org.authenticators.values()
        if one["status"] == "ACTIVE"
    ]
    return {"type": "AUTHENTICATORS", "authenticators": listed}


@ROUTER.route("POST", POLICIES)
def create_policy(org: Org, hit: Hit) -> Response:
    """Create a policy of one of the served types."""
    active, body = flag(hit, "activate", True), _validated(org, hit)
    policy = add_policy(org, _fields(org, body), priority=body.get("priority"))
    policy["status"] = "ACTIVE" if active and body.get("status", "ACTIVE") == "ACTIVE" else "INACTIVE"
    log(org, "policy.lifecycle.create", policy_target(policy))
    return json_response(200, render_policy(hit, policy))


@ROUTER.route("GET", POLICIES)
def list_policies(org: Org, hit: Hit) -> Response:
    """List the policies of one type; `type` must be given."""
    expanded(hit, refused=("rules",))
    kind, status = hit.query.get("type", ""), one_of(hit, "status", "ACTIVE", "INACTIVE")
    if not kind:
        raise OktaError("E0000028")
    if kind not in TYPES:
        raise OktaError("E0000060", f"GET {POLICIES}?type={kind} is not simulated here")
    words = hit.query.get("q", "").casefold()
    rows = [one for one in of_type(org, kind) if status in ("", one["status"]) and words in one["name"].casefold()]
    return page(hit, rows, lambda policy: render_policy(hit, policy), SIZE)


def find_policy(org: Org, hit: Hit) -> Record:
    """Return the policy that the path names."""
    return find(org.policies, hit.path["policy_id"], "Policy")


@ROUTER.route("GET", f"{POLICIES}/<policy_id>")
def get_policy(org: Org, hit: Hit) -> Response:
    """Return one policy."""
    expanded(hit, refused=("rules",))
    return json_response(200, render_policy(hit, find_policy(org, hit)))


@ROUTER.route("PUT", f"{POLICIES}/<policy_id>")
def replace_policy(org: Org, hit: Hit) -> Response:
    """Replace a policy; of a system policy the settings only, its name, people and place stay."""
    policy = find_policy(org, hit)
    body = _validated(org, hit, policy)
    fields = _fields(org, body)
    if policy["system"]:
        _check_system_policy(policy, fields)
        fields["conditions"] = policy["conditions"]
    policy |= fields
    if not policy["system"] and policy["type"] != "ACCESS_POLICY":
        place(of_type(org, policy["type"]), policy, body.get("priority", policy["priority"]))
    org.touch(policy)
    log(org, "policy.lifecycle.update", policy_target(policy))
    return json_response(200, render_policy(hit, policy))


def _check_system_policy(policy: Record, fields: Record) -> None:
    if policy["type"] != "ACCESS_POLICY" and fields["name"] != policy["name"]:
        refuse("name", "name: The name of a system policy cannot be changed")


@ROUTER.route("DELETE", f"{POLICIES}/<policy_id>")
def delete_policy(org: Org, hit: Hit) -> Response:
    """Delete a policy; apps of an authentication policy fall back to the default one."""
    policy = find_policy(org, hit)
    if policy["system"]:
        refuse("delete", "delete: A system policy cannot be deleted")
    moved: list[Record] = []
    del org.policies[policy["id"]], org.policy_rules[policy["id"]]
    if policy["type"] == "ACCESS_POLICY":
        for app in org.apps.values():
            if app["#policy"] == policy["id"]:
                app["#policy"] = default_access_policy(org)
                moved.append(app)
    else:
        close_gaps(of_type(org, policy["type"]))
        _default_last(org, policy["type"])
    log(org, "policy.lifecycle.delete", policy_target(policy))
    for app in moved:
        log(org, SIGN_ON, target("AppInstance", app), policy_target(org.policies[app["#policy"]]))
    return Response(204)


def default_access_policy(org: Org) -> str:
    """Return the id of the authentication policy that new apps get."""
    for policy in org.policies.values():
        if policy["type"] == "ACCESS_POLICY" and policy["system"]:
            return str(policy["id"])
    raise not_found("Policy", "default ACCESS_POLICY")


@ROUTER.route("POST", f"{POLICIES}/<policy_id>/lifecycle/activate")
def activate_policy(org: Org, hit: Hit) -> Response:
    """Activate a policy."""
    return _set_status(org, hit, "ACTIVE", "policy.lifecycle.activate")


@ROUTER.route("POST", f"{POLICIES}/<policy_id>/lifecycle/deactivate")
def deactivate_policy(org: Org, hit: Hit) -> Response:
    """Deactivate a policy that is no system policy."""
    if find_policy(org, hit)["system"]:
        refuse("deactivate", "deactivate: A system policy cannot be deactivated")
    return _set_status(org, hit, "INACTIVE", "policy.lifecycle.deactivate")


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    policy = find_policy(org, hit)
    if policy["status"] != status:
        policy["status"] = status
        org.touch(policy)
        log(org, event, policy_target(policy))
    return Response(204)
