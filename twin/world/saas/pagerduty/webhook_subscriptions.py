"""Webhook subscriptions: which events of what go where.

https://developer.pagerduty.com/api-reference (webhook subscriptions); the limit per scope is that of
https://support.pagerduty.com/main/docs/webhooks
"""

from twin.wire import Response
from twin.world.saas.pagerduty.body import wrapped
from twin.world.saas.pagerduty.errors import invalid, not_found
from twin.world.saas.pagerduty.figures import figure
from twin.world.saas.pagerduty.paging import page
from twin.world.saas.pagerduty.state import API, ROUTER, Account, Record
from twin.world.saas.pagerduty.webhooks import EVENTS, disabled, ping
from twin.world.saas.router import Hit, json_response
from twin.world.saas.webhooks import address, sendable

SUBSCRIPTIONS = "/webhook_subscriptions"
ONE = f"{SUBSCRIPTIONS}/<key>"
METHOD = "http_delivery_method"
REDACTED = "-- redacted --"


def _shown(account: Account, one: Record, *, secret: bool = False) -> Record:
    """Return a subscription; its secret is told once, the values of its headers never."""
    method: Record = {"id": one["#method"], "secret": one["#secret"] if secret else None}
    method |= {"temporarily_disabled": disabled(account, one), "type": METHOD, "url": one["#url"]}
    method["custom_headers"] = [{"name": header["name"], "value": REDACTED} for header in one["#headers"]]
    told = {name: value for name, value in one.items() if not name.startswith("#")}
    return (
        told
        | {"type": "webhook_subscription", "self": f"{API}{SUBSCRIPTIONS}/{one['id']}"}
        | {"delivery_method": method}
    )


def _found(account: Account, hit: Hit) -> Record:
    if hit.path["key"] not in account.subscriptions:
        raise not_found()
    return account.subscriptions[hit.path["key"]]


def _events(body: Record) -> list[str]:
    given = body.get("events")
    if not given:
        raise invalid("Events can't be blank")
    if unknown := [one for one in given if one not in EVENTS]:
        raise invalid(f"Events contains an unknown event type: {unknown[0]}")
    return list(dict.fromkeys(given))


def _filter(account: Account, body: Record) -> Record:
    given = body.get("filter") or {}
    kind = given.get("type")
    if kind == "account_reference":
        return {"id": None, "type": kind}
    if kind == "team_reference":
        raise invalid("Filters by team are documented by PagerDuty and not simulated here: incidents have no teams")
    if kind != "service_reference":
        raise invalid("Filter type must be one of account_reference, service_reference, team_reference")
    if given.get("id") not in account.services:
        raise invalid("Filter service not found")
    return {"id": given["id"], "type": kind}


def _url(method: Record) -> str:
    if method.get("type", METHOD) != METHOD:
        raise invalid(f"Delivery method type must be {METHOD}")
    if address(method.get("url")) is None:
        raise invalid("Delivery method url is not a valid URL")
    return str(method["url"])


def _headers(method: Record) -> list[Record]:
    told = method.get("custom_headers") or []
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise invalid("Delivery method custom headers must be a list of headers")
    given = [{"name": one.get("name"), "value": one.get("value")} for one in told]
    if not all(sendable(one["name"], one["value"]) for one in given):
        raise invalid("Delivery method custom headers must be valid headers")
    names = [one["name"].lower() for one in given]
    if len(names) != len(set(names)):
        raise invalid("Delivery method custom headers must have unique names")
    return given


@ROUTER.route("GET", SUBSCRIPTIONS)
def list_subscriptions(account: Account, hit: Hit) -> Response:
    """List subscriptions; `filter_type` and `filter_id` say of what."""
    kind, key = hit.query.get("filter_type"), hit.query.get("filter_id")
    if kind not in (None, "account", "service", "team"):
        raise invalid("Filter type must be one of account, service, team")
    if kind in ("service", "team") and not key:
        raise invalid("Filter id is required for this filter type")
    rows = [
        one for one in account.subscriptions.values()
        if kind is None or (one["filter"]["type"] == f"{kind}_reference" and kind == "account")
        or (one["filter"]["type"], one["filter"]["id"]) == (f"{kind}_reference", key)
    ]  # fmt: skip
    return page(hit, rows, lambda row: _shown(account, row), "webhook_subscriptions")


@ROUTER.route("POST", SUBSCRIPTIONS)
def create_subscription(account: Account, hit: Hit) -> Response:
    """Make a subscription; the reply is the only one that shows the secret."""
    body = wrapped(hit, "webhook_subscription")
    scope, events = _filter(account, body), _events(body)
    method = body.get("delivery_method") or {}
    url, headers = _url(method), _headers(method)
    if sum(one["filter"] == scope for one in account.subscriptions.values()) >= figure("webhooks_per_scope"):
        raise invalid(f"Webhook subscription limit of {figure('webhooks_per_scope')} reached")
    made: Record = {"id": account.new_id(), "active": body.get("active") is not False, "events": events}
    made |= {"description": body.get("description"), "filter": scope, "#method": account.new_id(), "#url": url}
    made |= {"#secret": account.ids.word(64), "#headers": headers, "#queue": [], "#dropped": 0}
    account.subscriptions[made["id"]] = made | {"#disabled_until": None}
    shown = _shown(account, account.subscriptions[made["id"]], secret=True)
    return json_response(201, {"webhook_subscription": shown})


@ROUTER.route("GET", ONE)
def get_subscription(account: Account, hit: Hit) -> Response:
    """Return one subscription, without its secret."""
    return json_response(200, {"webhook_subscription": _shown(account, _found(account, hit))})


@ROUTER.route("PUT", ONE)
def update_subscription(account: Account, hit: Hit) -> Response:
    """Change what a subscription wants, where it goes, and whether it goes at all."""
    one, body = _found(account, hit), wrapped(hit, "webhook_subscription")
    changes: Record = {name: body[name] for name in ("description", "active") if body.get(name) is not None}
    if "events" in body:
        changes["events"] = _events(body)
    if body.get("filter") is not None:
        changes["filter"] = _filter(account, body)
    if (method := body.get("delivery_method")) is not None:
        changes["#url"] = _url(method) if "url" in method else one["#url"]
        if "custom_headers" in method:
            kept = {header["name"]: header["value"] for header in one["#headers"]}
            changes["#headers"] = [
                header | ({"value": kept.get(header["name"])} if header["value"] == REDACTED else {})
                for header in _headers(method)
            ]
    one |= changes
    return json_response(200, {"webhook_subscription": _shown(account, one)})


@ROUTER.route("DELETE", ONE)
def delete_subscription(account: Account, hit: Hit) -> Response:
    """Delete a subscription with all that waits for it."""
    one = _found(account, hit)
    del account.subscriptions[one["id"]]
    for key in one["#queue"]:
        account.deliveries.pop(key, None)
    return Response(204)


@ROUTER.route("POST", f"{ONE}/enable")
def enable_subscription(account: Account, hit: Hit) -> Response:
    """Let a subscription that was given up get events again."""
    one = _found(account, hit)
    one |= {"#disabled_until": None, "#dropped": 0}
    return json_response(200, {"webhook_subscription": _shown(account, one)})


@ROUTER.route("POST", f"{ONE}/ping")
def ping_subscription(account: Account, hit: Hit) -> Response:
    """Send a test to the address of a subscription."""
    ping(account, _found(account, hit))
    return Response(202)
