"""The tenant's own settings."""

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import invalid
from twin.world.saas.auth0.paging import fields
from twin.world.saas.auth0.state import ROUTER, Tenant
from twin.world.saas.router import Hit, json_response

SETTINGS = "/api/v2/tenants/settings"


@ROUTER.route("GET", SETTINGS)
def get_settings(tenant: Tenant, hit: Hit) -> Response:
    """Return the settings."""
    return json_response(200, fields(hit, tenant.settings))


@ROUTER.route("PATCH", SETTINGS)
def update_settings(tenant: Tenant, hit: Hit) -> Response:
    """Change settings; flags are merged."""
    body = checked(hit, "PATCH /tenants/settings")
    audience = body.get("default_audience")
    if audience and tenant.server_of(audience) is None:
        raise invalid("default_audience: the resource server does not exist")
    flags = {**tenant.settings["flags"], **body.get("flags", {})}
    tenant.settings |= body | {"flags": flags}
    return json_response(200, tenant.settings)
