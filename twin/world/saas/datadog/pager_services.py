"""The services of PagerDuty that messages of monitors may call, each with the key of its integration.

https://docs.datadoghq.com/api/latest/pagerduty-integration/: the key is never shown again.
"""

from twin.wire import Response
from twin.world.saas.datadog.errors import invalid, not_found
from twin.world.saas.datadog.state import ROUTER, Organization, object_of
from twin.world.saas.router import Hit, json_response

SERVICES = "/api/v1/integration/pagerduty/configuration/services"


def _known(org: Organization, hit: Hit) -> str:
    name = hit.path["name"]
    if name not in org.pager_services:
        raise not_found("Service")
    return name


def _key(hit: Hit) -> str:
    key = object_of(hit).get("service_key")
    if not isinstance(key, str) or not key:
        raise invalid("service_key is required")
    return key


@ROUTER.route("POST", SERVICES)
def create_pager_service(org: Organization, hit: Hit) -> Response:
    """Make a service of PagerDuty known under the name by which messages call it."""
    name, key = object_of(hit).get("service_name"), _key(hit)
    if not isinstance(name, str) or not name:
        raise invalid("service_name is required")
    if name in org.pager_services:
        raise invalid(f"Service {name} exists already")
    org.pager_services[name] = key
    return json_response(201, {"service_name": name})


@ROUTER.route("GET", f"{SERVICES}/<name>")
def get_pager_service(org: Organization, hit: Hit) -> Response:
    """Return the name of a service that is known."""
    return json_response(200, {"service_name": _known(org, hit)})


@ROUTER.route("PUT", f"{SERVICES}/<name>")
def update_pager_service(org: Organization, hit: Hit) -> Response:
    """Give a service another key."""
    org.pager_services[_known(org, hit)] = _key(hit)
    return Response(200)


@ROUTER.route("DELETE", f"{SERVICES}/<name>")
def delete_pager_service(org: Organization, hit: Hit) -> Response:
    """Forget a service of PagerDuty."""
    del org.pager_services[_known(org, hit)]
    return Response(204)
