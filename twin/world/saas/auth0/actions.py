"""Actions: code that is kept, deployed and bound to triggers; none of it runs here."""

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import ManagementError, invalid
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, find, shown
from twin.world.saas.router import Hit, json_response

ACTIONS, TRIGGERS = "/api/v2/actions/actions", "/api/v2/actions/triggers"
KNOWN = {
    "post-login": "v3", "credentials-exchange": "v2", "pre-user-registration": "v2", "post-user-registration": "v2",
    "post-change-password": "v2", "send-phone-message": "v2",
}  # fmt: skip
RUNTIME = "node22"


def _action(tenant: Tenant, hit: Hit) -> Record:
    return find(tenant.actions, hit.path["key"], "action", "inexistent_action")


def _render(action: Record) -> Record:
    secrets = [{"name": one["name"], "updated_at": action["updated_at"]} for one in action["#secrets"]]
    return {**shown(action), "secrets": secrets}


def _check(body: Record) -> None:
    for trigger in body.get("supported_triggers", []):
        if trigger.get("id") not in KNOWN:
            raise invalid(f"Payload validation error: 'No enum match for: {trigger.get('id')}' on property id.")
    if not all("name" in secret for secret in body.get("secrets", [])):
        raise invalid("Payload validation error: 'Missing required property: name' on property secrets.")


@ROUTER.route("POST", ACTIONS)
def create_action(tenant: Tenant, hit: Hit) -> Response:
    """Create an action, built at once and not deployed."""
    body, now = checked(hit, "POST /actions/actions"), tenant.now()
    _check(body)
    if any(one["name"] == body["name"] for one in tenant.actions.values()):
        raise ManagementError(409, f"An action with the name {body['name']} already exists", "action_conflict")
    action: Record = {"id": tenant.ids.uuid(), "code": "", "dependencies": [], "runtime": RUNTIME}
    action |= {name: value for name, value in body.items() if name not in ("secrets", "deploy")}
    action |= {"created_at": now, "updated_at": now, "status": "built", "built_at": now, "all_changes_deployed": False}
    action["#secrets"] = body.get("secrets", [])
    tenant.actions[action["id"]] = action
    if body.get("deploy"):
        _deploy(tenant, action)
    return json_response(201, _render(action))


@ROUTER.route("GET", ACTIONS)
def list_actions(tenant: Tenant, hit: Hit) -> Response:
    """List actions by trigger and name."""
    trigger, name = hit.query.get("triggerId", ""), hit.query.get("actionName", "")
    rows = [one for one in tenant.actions.values() if not name or one["name"] == name]
    rows = [one for one in rows if not trigger or trigger in {each["id"] for each in one["supported_triggers"]}]
    return _page(hit, [_render(one) for one in rows], "actions")


def _page(hit: Hit, rows: list[Record], name: str) -> Response:
    number, size = int(hit.query.get("page") or 0), int(hit.query.get("per_page") or 50)
    found = rows[number * size : (number + 1) * size]
    return json_response(200, {"total": len(rows), "page": number, "per_page": size, name: found})


@ROUTER.route("GET", f"{ACTIONS}/<key>")
def get_action(tenant: Tenant, hit: Hit) -> Response:
    """Return one action; the values of its secrets are never shown."""
    return json_response(200, _render(_action(tenant, hit)))


@ROUTER.route("PATCH", f"{ACTIONS}/<key>")
def update_action(tenant: Tenant, hit: Hit) -> Response:
    """Change an action; what is deployed stays as it was."""
    action, body = _action(tenant, hit), checked(hit, "PATCH /actions/actions/{id}")
    _check(body)
    action |= {name: value for name, value in body.items() if name not in ("secrets", "deploy")}
    action |= {"updated_at": tenant.now(), "all_changes_deployed": False}
    action["#secrets"] = body.get("secrets", action["#secrets"])
    return json_response(200, _render(action))


@ROUTER.route("DELETE", f"{ACTIONS}/<key>")
def delete_action(tenant: Tenant, hit: Hit) -> Response:
    """Delete an action that no trigger uses, or any with `force`."""
    action = _action(tenant, hit)
    bound = any(one["#action"] == action["id"] for rows in tenant.bindings.values() for one in rows)
    if bound and hit.query.get("force") != "true":
        raise ManagementError(409, "The action is bound to a trigger", "action_in_use")
    for rows in tenant.bindings.values():
        rows[:] = [one for one in rows if one["#action"] != action["id"]]
    del tenant.actions[action["id"]]
    return Response(204)


@ROUTER.route("POST", f"{ACTIONS}/<key>/deploy")
def deploy_action(tenant: Tenant, hit: Hit) -> Response:
    """Deploy an action as it stands."""
    return json_response(200, _deploy(tenant, _action(tenant, hit)))


def _deploy(tenant: Tenant, action: Record) -> Record:
    now = tenant.now()
    number = action.get("deployed_version", {}).get("number", 0) + 1
    version: Record = {"id": tenant.ids.uuid(), "code": action["code"], "dependencies": action["dependencies"]}
    version |= {"runtime": action["runtime"], "deployed": True, "number": number, "status": "built"}
    version |= {"built_at": now, "created_at": now, "updated_at": now}
    action |= {"deployed_version": version, "all_changes_deployed": True}
    return version


@ROUTER.route("GET", TRIGGERS)
def list_triggers(tenant: Tenant, _hit: Hit) -> Response:
    """List the triggers to which actions may be bound."""
    rows = [{"id": name, "version": version, "status": "CURRENT", "runtimes": [RUNTIME], "default_runtime": RUNTIME}
            for name, version in KNOWN.items()]  # fmt: skip
    return json_response(200, {"triggers": rows})


def _trigger(hit: Hit) -> str:
    name = hit.path["trigger"]
    if name not in KNOWN:
        raise ManagementError(404, "The trigger does not exist.", "inexistent_trigger")
    return name


@ROUTER.route("GET", f"{TRIGGERS}/<trigger>/bindings")
def list_bindings(tenant: Tenant, hit: Hit) -> Response:
    """List a trigger's actions in their order."""
    rows = tenant.bindings.get(_trigger(hit), [])
    return _page(hit, [_binding(tenant, one) for one in rows], "bindings")


def _binding(tenant: Tenant, binding: Record) -> Record:
    return {**shown(binding), "action": _render(tenant.actions[binding["#action"]])}


@ROUTER.route("PATCH", f"{TRIGGERS}/<trigger>/bindings")
def replace_bindings(tenant: Tenant, hit: Hit) -> Response:
    """Replace a trigger's actions by deployed ones, which run in this order."""
    trigger, body = _trigger(hit), checked(hit, "PATCH /actions/triggers/{triggerId}/bindings")
    now, rows = tenant.now(), []
    for asked in body.get("bindings", []):
        action = _referred(tenant, asked.get("ref") or {})
        if "deployed_version" not in action:
            raise ManagementError(400, f"The action {action['name']} is not deployed", "action_not_deployed")
        row = {"id": tenant.ids.uuid(), "trigger_id": trigger, "created_at": now, "updated_at": now}
        rows.append(row | {"display_name": asked.get("display_name", action["name"]), "#action": action["id"]})
    tenant.bindings[trigger] = rows
    return json_response(200, {"bindings": [_binding(tenant, one) for one in rows]})


def _referred(tenant: Tenant, ref: Record) -> Record:
    field = {"action_id": "id", "action_name": "name"}.get(str(ref.get("type")))
    for action in tenant.actions.values():
        if field and action[field] == ref.get("value"):
            return action
    raise ManagementError(404, "The action does not exist.", "inexistent_action")
