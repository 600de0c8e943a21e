"""Administrator roles of service apps: without one, no scope opens the management API.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleAssignmentClient/
"""

from twin.wire import Response
from twin.world.saas.okta.client_authentication import app_of
from twin.world.saas.okta.errors import OktaError, not_found
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.roles import asked_kind, grant
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

CLIENT_ROLES = "/oauth2/v1/clients/<client_id>/roles"


def _client(org: Org, hit: Hit) -> Record:
    app = app_of(org, hit.path["client_id"])
    if app is None:
        raise not_found("Client", hit.path["client_id"])
    return app


def _render(hit: Hit, role: Record) -> Record:
    return {**role, "_links": {"assignee": link(f"{base(hit)}/oauth2/v1/clients/{hit.path['client_id']}")}}


@ROUTER.route("GET", CLIENT_ROLES)
def list_client_roles(org: Org, hit: Hit) -> Response:
    """List the roles of a service app."""
    _client(org, hit)
    held = org.client_roles.get(hit.path["client_id"], {}).values()
    return json_response(200, [_render(hit, one) for one in held])


@ROUTER.route("POST", CLIENT_ROLES)
def assign_client_role(org: Org, hit: Hit) -> Response:
    """Give a standard role to a service app."""
    app, kind = _client(org, hit), asked_kind(hit)
    if app["settings"]["oauthClient"]["application_type"] != "service":
        raise OktaError("E0000227")
    client = hit.path["client_id"]
    if any(one["type"] == kind for one in org.client_roles.get(client, {}).values()):
        raise OktaError("E0000090")
    made = grant(org, org.client_roles, client, kind=kind, to="CLIENT")
    told = {"privilegeGranted": made["label"]}
    log(org, "app.oauth2.client.privilege.grant", target("PublicClientApp", app), debug=told)
    return json_response(200, _render(hit, made))


@ROUTER.route("GET", f"{CLIENT_ROLES}/<role_id>")
def get_client_role(org: Org, hit: Hit) -> Response:
    """Return one role of a service app."""
    _client(org, hit)
    return json_response(200, _render(hit, _one(org, hit)))


def _one(org: Org, hit: Hit) -> Record:
    return find(org.client_roles.get(hit.path["client_id"], {}), hit.path["role_id"], "Role")


@ROUTER.route("DELETE", f"{CLIENT_ROLES}/<role_id>")
def unassign_client_role(org: Org, hit: Hit) -> Response:
    """Take a role from a service app; the log says whether it was the last."""
    app, one = _client(org, hit), _one(org, hit)
    held = org.client_roles[hit.path["client_id"]]
    del held[one["id"]]
    # The vendor has one event for a change that leaves privileges, another for the last.
    kind = "grant" if held else "revoke"
    told = {"privilegeGranted" if held else "privilegeRevoked": ", ".join(role["label"] for role in held.values())}
    log(org, f"app.oauth2.client.privilege.{kind}", target("PublicClientApp", app), debug=told)
    return Response(204)
