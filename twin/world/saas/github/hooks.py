"""Webhooks of a repository, and their deliveries.

https://docs.github.com/en/rest/repos/webhooks. GitHub refuses addresses that the public internet does not reach; the
twin calls no others, so it takes them.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import object_of
from twin.world.saas.github.errors import GithubError, not_found, unsupported
from twin.world.saas.github.figures import figure
from twin.world.saas.github.hook_deliveries import kept, resend, send
from twin.world.saas.github.hook_payloads import told_by
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response
from twin.world.saas.webhooks import address

HOOKS = f"{REPO}/hooks"
ONE = f"{HOOKS}/<int:hook>"
DELIVERIES = f"{ONE}/deliveries"
CONFIG = {"url": str, "content_type": str, "secret": str, "insecure_ssl": None}
PLAYED = ("deployment", "deployment_status", "push", "workflow_run")
# What GitHub documents for repositories and nothing here tells.
UNPLAYED = frozenset({
    "branch_protection_configuration", "branch_protection_rule", "check_run", "check_suite", "code_scanning_alert",
    "commit_comment", "create", "custom_property_values", "delete", "dependabot_alert", "deploy_key",
    "deployment_protection_rule", "deployment_review", "discussion", "discussion_comment", "fork", "gollum",
    "issue_comment", "issues", "label", "member", "merge_group", "meta", "milestone", "package", "page_build", "ping",
    "project", "project_card", "project_column", "public", "pull_request", "pull_request_review",
    "pull_request_review_comment", "pull_request_review_thread", "registry_package", "release", "repository",
    "repository_advisory", "repository_import", "repository_ruleset", "repository_vulnerability_alert",
    "secret_scanning_alert", "secret_scanning_alert_location", "security_and_analysis", "star", "status", "sub_issues",
    "team_add", "watch", "workflow_dispatch", "workflow_job",
})  # fmt: skip
ZEN = "Keep it logically awesome."


def _invalid(message: str) -> GithubError:
    errors = [{"resource": "Hook", "code": "custom", "message": message}]
    return GithubError(422, "Validation Failed", errors=errors)


def _shown(repo: Repository, hook: Record) -> Record:
    url = f"{repo.url}/hooks/{hook['id']}"
    told = {name: value for name, value in hook.items() if not name.startswith("#")}
    secret = {"secret": "********"} if hook["#secret"] else {}
    told |= {"type": "Repository", "url": url, "test_url": f"{url}/test", "ping_url": f"{url}/pings"}
    return told | {"config": hook["config"] | secret, "deliveries_url": f"{url}/deliveries"}


def _found(repo: Repository, hit: Hit) -> Record:
    hook = repo.hooks.get(int(hit.path["hook"]))
    if hook is None:
        raise not_found()
    return hook


def _events(given: list[str]) -> list[str]:
    for event in given:
        if event in UNPLAYED:
            raise unsupported(f"the webhook event {event}")
        if event not in PLAYED and event != "*":
            raise _invalid(f"Events contains an invalid event: {event}")
    return list(dict.fromkeys(given))


def _config(given: Any, before: Record) -> Record:
    if not isinstance(given, dict):
        raise _invalid("Config must be an object")
    url = given.get("url", before.get("url"))
    if not isinstance(url, str) or not url:
        raise _invalid("Config must contain URL for webhooks")
    if address(url) is None:
        raise _invalid("URL is invalid: it must begin with http:// or https://")
    kind, loose = given.get("content_type", before.get("content_type", "form")), given.get("insecure_ssl", "0")
    if kind not in ("json", "form"):
        raise _invalid("Content type must be one of json, form")
    if str(loose) not in ("0", "1"):
        raise _invalid("Insecure ssl must be 0 or 1")
    return {"content_type": kind, "insecure_ssl": str(loose), "url": url}


def _body(hit: Hit, *names: str) -> Record:
    shape = {"name": str, "active": bool, "events": [str], "config": dict}
    body = object_of(hit, **shape, add_events=[str], remove_events=[str])
    if unknown := [name for name in body if name not in names]:
        raise GithubError(422, f'Invalid request.\n\n"{unknown[0]}" is not a permitted key.')
    return body


def _check_room(repo: Repository, hook: Record) -> None:
    """Refuse a second hook to the same address for the same events, and more hooks than an event may have."""
    others = [one for one in repo.hooks.values() if one["id"] != hook["id"]]
    if any(one["config"]["url"] == hook["config"]["url"] and one["events"] == hook["events"] for one in others):
        raise _invalid("Hook already exists on this repository")
    for event in hook["events"]:
        if sum(event in one["events"] for one in others) >= figure("hooks_per_event"):
            raise _invalid(f'The "{event}" event cannot have more than {figure("hooks_per_event")} hooks')


@route("GET", HOOKS, "repository_hooks:read", role="admin")
def list_hooks(hub: Hub, hit: Hit) -> Response:
    """List the webhooks of a repository."""
    repo = repository_of(hub, hit)
    return page(hit, list(repo.hooks.values()), lambda one: _shown(repo, one))


@route("POST", HOOKS, "repository_hooks:write", role="admin")
def create_hook(hub: Hub, hit: Hit) -> Response:
    """Make a webhook, which is pinged at once."""
    repo, body = repository_of(hub, hit), _body(hit, "name", "active", "events", "config")
    if body.get("name", "web") != "web":
        raise GithubError(422, "Validation Failed", errors=[{"resource": "Hook", "code": "invalid", "field": "name"}])
    made: Record = {"id": hub.new_id(), "name": "web", "active": body.get("active") is not False}
    made |= {"events": _events(body.get("events") or ["push"]), "config": _config(body.get("config") or {}, {})}
    made |= {"created_at": hub.now(), "updated_at": hub.now(), "#secret": (body["config"] or {}).get("secret") or ""}
    _check_room(repo, made)
    repo.hooks[made["id"]] = made | {"last_response": {"code": None, "status": "unused", "message": None}}
    hub.note("hook.create", actor_of(hit), repo, hook_id=made["id"])
    _ping(hub, repo, repo.hooks[made["id"]], actor_of(hit))
    return json_response(201, _shown(repo, repo.hooks[made["id"]]))


def _ping(hub: Hub, repo: Repository, hook: Record, login: str) -> None:
    told = {"zen": ZEN, "hook_id": hook["id"], "hook": _shown(repo, hook)}
    send(hub, repo, hook, "ping", told | told_by(hub, repo, login))


@route("GET", ONE, "repository_hooks:read", role="admin")
def get_hook(hub: Hub, hit: Hit) -> Response:
    """Return one webhook."""
    repo = repository_of(hub, hit)
    return json_response(200, _shown(repo, _found(repo, hit)))


@route("PATCH", ONE, "repository_hooks:write", role="admin")
def update_hook(hub: Hub, hit: Hit) -> Response:
    """Change a webhook; a config that is given takes the place of the old one, its secret too."""
    repo = repository_of(hub, hit)
    hook = _found(repo, hit)
    body = _body(hit, "name", "active", "events", "config", "add_events", "remove_events")
    events = _events(body.get("events") or hook["events"])
    events = list(dict.fromkeys([*events, *_events(body.get("add_events") or [])]))
    changes: Record = {"events": [one for one in events if one not in (body.get("remove_events") or [])]}
    if body.get("active") is not None:
        changes["active"] = body["active"]
    if body.get("config") is not None:
        changes |= {"config": _config(body["config"], {}), "#secret": body["config"].get("secret") or ""}
    _check_room(repo, hook | changes)
    hook |= changes | {"updated_at": hub.now()}
    hub.note("hook.config_changed" if "config" in changes else "hook.events_changed", actor_of(hit), repo,
             hook_id=hook["id"])  # fmt: skip
    return json_response(200, _shown(repo, hook))


@route("DELETE", ONE, "repository_hooks:write", role="admin")
def delete_hook(hub: Hub, hit: Hit) -> Response:
    """Delete a webhook."""
    repo = repository_of(hub, hit)
    hook = _found(repo, hit)
    del repo.hooks[hook["id"]]
    for key in [key for key, one in repo.deliveries.items() if one["hook"] == hook["id"]]:
        del repo.deliveries[key]
    hub.note("hook.destroy", actor_of(hit), repo, hook_id=hook["id"])
    return Response(204)


@route("POST", f"{ONE}/pings", "repository_hooks:read", role="admin")
def ping_hook(hub: Hub, hit: Hit) -> Response:
    """Send a webhook the event that says only that it is there."""
    repo = repository_of(hub, hit)
    _ping(hub, repo, _found(repo, hit), actor_of(hit))
    return Response(204)


def _summary(repo: Repository, one: Record) -> Record:
    told: Record = {"id": one["id"], "guid": one["guid"], "delivered_at": one["at"], "redelivery": one["redelivery"]}
    answer = one["answer"] or {"status": "pending", "code": 0}
    told |= {"duration": one.get("duration", 0), "status": answer["status"], "status_code": answer["code"]}
    told |= {"event": one["event"], "action": one["action"], "installation_id": None, "repository_id": repo.id}
    return told | {"throttled_at": None}


@route("GET", DELIVERIES, "repository_hooks:read", role="admin")
def list_deliveries(hub: Hub, hit: Hit) -> Response:
    """List what was sent to a webhook in the last days, newest first, in pages by cursor."""
    repo = repository_of(hub, hit)
    rows, given = kept(hub, repo, _found(repo, hit)["id"]), hit.query.get("per_page", "")
    size = min(int(given) if given.isdecimal() and int(given) else figure("page_default"), figure("page_most"))
    if (cursor := hit.query.get("cursor")) is not None:
        rows = [one for one in rows if cursor.isdecimal() and one["id"] < int(cursor)]
    reply = json_response(200, [_summary(repo, one) for one in rows[:size]])
    if len(rows) > size:
        parts = urlsplit(hit.request.url)
        query = urlencode({"per_page": size, "cursor": rows[size - 1]["id"]})
        reply.headers["Link"] = f'<{parts.scheme}://{parts.netloc}{parts.path}?{query}>; rel="next"'
    return reply


def _delivery(hub: Hub, repo: Repository, hit: Hit) -> Record:
    for one in kept(hub, repo, _found(repo, hit)["id"]):
        if str(one["id"]) == str(hit.path["delivery"]):
            return one
    raise not_found()


@route("GET", f"{DELIVERIES}/<int:delivery>", "repository_hooks:read", role="admin")
def get_delivery(hub: Hub, hit: Hit) -> Response:
    """Return one delivery with what was sent and what was answered."""
    repo = repository_of(hub, hit)
    one = _delivery(hub, repo, hit)
    answer = one["answer"] or {"headers": {}, "payload": None}
    told = _summary(repo, one) | {"url": one["url"], "request": {"headers": one["sent"], "payload": one["payload"]}}
    return json_response(200, told | {"response": {"headers": answer["headers"], "payload": answer["payload"]}})


@route("POST", f"{DELIVERIES}/<int:delivery>/attempts", "repository_hooks:write", role="admin")
def redeliver(hub: Hub, hit: Hit) -> Response:
    """Send a delivery once more."""
    repo = repository_of(hub, hit)
    resend(hub, repo, _delivery(hub, repo, hit))
    return json_response(202, {})
