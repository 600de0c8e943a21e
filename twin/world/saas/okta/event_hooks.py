"""Event hooks: addresses to which Okta brings events of the org's log, once their owner has proved to hold them.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/EventHook/
"""

import json
from collections.abc import Iterator
from typing import Any

from twin.wire import Response
from twin.world.outbox import Post, is_local
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.hook_deliveries import data, figure, hook_headers
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.shapes import READ_ONLY, anything, choice, listing, nullable, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response
from twin.world.saas.webhooks import address, sendable

HOOKS = "/api/v1/eventHooks"
ONE = f"{HOOKS}/<hook_id>"
CHALLENGE = "X-Okta-Verification-Challenge"


def _address(at: str, value: Any) -> Iterator[str]:
    """Accept an https address, and a plain one on this machine."""
    parts = address(value)
    if parts is None or (parts.scheme != "https" and not is_local(value)):
        yield f"{at}: '{value}' is not a valid HTTPS URL"


def _eligible(at: str, value: Any) -> Iterator[str]:
    """Accept the name of an event type that is eligible for hooks."""
    if value not in data()["eligible"]:
        yield f"{at}: '{value}' is not an event type that is eligible for event hooks"


def _named(at: str, value: Any) -> Iterator[str]:
    """Accept the name of a header."""
    if not sendable(value, ""):
        yield f"{at}: '{value}' is not the name of a header"


def _told(at: str, value: Any) -> Iterator[str]:
    """Accept what a header can hold."""
    if not sendable("x", value):
        yield f"{at}: The value cannot stand in a header"


HEADER = record("key value", key=_named, value=_told)
SCHEME = record("type key", type=choice("HEADER"), key=_named, value=_told)
CONFIG = record("uri", uri=_address, headers=nullable(listing(HEADER)), authScheme=nullable(SCHEME), method=anything)
HOOK = record(
    "name events channel",
    **READ_ONLY,
    name=text(least=1, most=255),
    description=nullable(text()),
    verificationStatus=anything,
    createdBy=anything,
    events=record("type items", type=choice("EVENT_TYPE"), items=listing(_eligible), filter=nullable(record())),
    channel=record("type version config", type=choice("HTTP"), version=choice("1.0.0"), config=CONFIG),
)


def _render(hit: Hit, hook: Record) -> Record:
    href = f"{base(hit)}{HOOKS}/{hook['id']}"
    links = {"self": link(href), "verify": link(f"{href}/lifecycle/verify", "POST"), **lifecycle(href, hook["status"])}
    return {name: value for name, value in hook.items() if not name.startswith("#")} | {"_links": links}


def _validated(hit: Hit) -> Record:
    body = checked(hit, HOOK, "eventHook")
    if not body["events"]["items"]:
        refuse("events.items", "events.items: At least one event type must be given")
    if body["events"].get("filter") is not None:
        raise OktaError("E0000060", "filters of event hooks are not simulated here")
    return body


def _fields(body: Record) -> Record:
    config = body["channel"]["config"]
    scheme = config.get("authScheme") or {}
    shown: Record = {"uri": config["uri"], "headers": config.get("headers") or [], "method": "POST"}
    if scheme:
        shown["authScheme"] = {"type": scheme["type"], "key": scheme["key"].lower()}
    told: Record = {"name": body["name"], "description": body.get("description")}
    told["events"] = {"type": "EVENT_TYPE", "items": list(dict.fromkeys(body["events"]["items"])), "filter": None}
    return told | {"channel": {"type": "HTTP", "version": body["channel"]["version"], "config": shown}}


def _secret(body: Record) -> str:
    return str((body["channel"]["config"].get("authScheme") or {}).get("value") or "")


def _hook(org: Org, hit: Hit) -> Record:
    return find(org.event_hooks, hit.path["hook_id"], "EventHook")


@ROUTER.route("GET", HOOKS)
def list_hooks(org: Org, hit: Hit) -> Response:
    """List the event hooks."""
    return json_response(200, [_render(hit, hook) for hook in org.event_hooks.values()])


@ROUTER.route("POST", HOOKS)
def create_hook(org: Org, hit: Hit) -> Response:
    """Create an event hook; it gets nothing before it is verified."""
    body = _validated(hit)
    made = org.new("who", status="ACTIVE", verificationStatus="UNVERIFIED", **_fields(body))
    made |= {"createdBy": org.actor.get("userId") or org.actor["clientId"]}
    org.event_hooks[made["id"]] = made | {"#secret": _secret(body), "#gathered": [], "#batch": ""}
    log(org, "event_hook.created", target("EventHook", made))
    return json_response(200, _render(hit, made))


@ROUTER.route("GET", ONE)
def get_hook(org: Org, hit: Hit) -> Response:
    """Return one event hook, without its secret."""
    return json_response(200, _render(hit, _hook(org, hit)))


@ROUTER.route("PUT", ONE)
def replace_hook(org: Org, hit: Hit) -> Response:
    """Replace an event hook; with another channel it must be verified anew."""
    hook, body = _hook(org, hit), _validated(hit)
    before = (hook["channel"], hook["#secret"])
    hook |= _fields(body) | {"#secret": _secret(body)}
    if (hook["channel"], hook["#secret"]) != before:
        hook["verificationStatus"] = "UNVERIFIED"
    org.touch(hook)
    log(org, "event_hook.updated", target("EventHook", hook))
    return json_response(200, _render(hit, hook))


@ROUTER.route("DELETE", ONE)
def delete_hook(org: Org, hit: Hit) -> Response:
    """Delete an event hook that is INACTIVE."""
    hook = _hook(org, hit)
    if hook["status"] == "ACTIVE":
        refuse("status", "status: Only an INACTIVE event hook can be deleted")
    del org.event_hooks[hook["id"]]
    log(org, "event_hook.deleted", target("EventHook", hook))
    return Response(204)


@ROUTER.route("POST", f"{ONE}/lifecycle/activate")
def activate_hook(org: Org, hit: Hit) -> Response:
    """Let an event hook get events again."""
    return _set_status(org, hit, "ACTIVE", "activated")


@ROUTER.route("POST", f"{ONE}/lifecycle/deactivate")
def deactivate_hook(org: Org, hit: Hit) -> Response:
    """Let an event hook get nothing any more; what was gathered for it is dropped."""
    return _set_status(org, hit, "INACTIVE", "deactivated")


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    hook = _hook(org, hit)
    if hook["status"] != status:
        if status == "ACTIVE" and hook["verificationStatus"] == "VERIFIED":
            _check_room(org, hook)
        hook |= {"status": status, "#gathered": [], "#batch": ""}
        org.touch(hook)
        log(org, f"event_hook.{event}", target("EventHook", hook))
    return json_response(200, _render(hit, hook))


def _check_room(org: Org, hook: Record) -> None:
    others = [one for one in org.event_hooks.values() if one is not hook]
    standing = [one for one in others if (one["status"], one["verificationStatus"]) == ("ACTIVE", "VERIFIED")]
    if len(standing) >= figure("most_verified"):
        refuse("eventHook", f"eventHook: At most {figure('most_verified')} event hooks can be active and verified")


@ROUTER.route("POST", f"{ONE}/lifecycle/verify")
def verify_hook(org: Org, hit: Hit) -> Response:
    """Ask the address for the challenge that it was sent; only the right answer verifies the hook."""
    hook = _hook(org, hit)
    _check_room(org, hook)
    value = org.ids.word(43)
    sent = {"Accept": "application/json", CHALLENGE: value} | hook_headers(hook)
    asked = Post(hook["channel"]["config"]["uri"], sent, b"", method="GET", timeout=figure("timeout"))
    answer = org.ask(asked)
    if not answer.good or _answered(answer.body) != value:
        why = f"status {answer.status}" if answer.status else answer.reason
        log(org, "event_hook.verified", target("EventHook", hook), outcome=outcome_of("FAILURE", why))
        refuse("eventHook", f"eventHook: Verification failed: the endpoint did not return the challenge ({why})")
    hook["verificationStatus"] = "VERIFIED"
    org.touch(hook)
    log(org, "event_hook.verified", target("EventHook", hook))
    return json_response(200, _render(hit, hook))


def _answered(body: bytes) -> Any:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return told.get("verification") if isinstance(told, dict) else None
