"""Rulesets of a repository.

https://docs.github.com/en/rest/repos/rules
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.errors import GithubError, not_found, unprocessable, unsupported
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

RULESETS = f"{REPO}/rulesets"
ENFORCED: dict[str, tuple[str, ...]] = {
    "pull_request": (
        "dismiss_stale_reviews_on_push", "require_code_owner_review", "require_last_push_approval",
        "required_approving_review_count", "required_review_thread_resolution",
    ),
    "required_status_checks": ("required_status_checks", "strict_required_status_checks_policy"),
    "deletion": (),
    "non_fast_forward": (),
}  # fmt: skip
"""The rules that the twin enforces, with the parameters that each must have."""
ANY: Record = {"ref_name": {"include": [], "exclude": []}}
SHAPE = {
    "name": str, "target": str, "enforcement": str, "bypass_actors": [dict],
    "conditions": {"ref_name": {"include": [str], "exclude": [str]}}, "rules": [{"type": str, "parameters": dict}],
}  # fmt: skip


def shown_ruleset(repo: Repository, held: Record) -> Record:
    """Return a ruleset as it is shown by itself."""
    links = {"self": {"href": f"{repo.url}/rulesets/{held['id']}"}}
    links["html"] = {"href": f"{SITE}/{repo.full_name}/rules/{held['id']}"}
    told = {**held, "source_type": "Repository", "source": repo.full_name, "node_id": node("RRS", held["id"])}
    return told | {"current_user_can_bypass": "never", "_links": links}


@route("GET", RULESETS, "metadata:read")
def list_rulesets(hub: Hub, hit: Hit) -> Response:
    """List the rulesets, without their rules."""
    repo = repository_of(hub, hit)
    hidden = ("rules", "conditions", "bypass_actors")
    rows = list(repo.rulesets.values())
    return page(hit, rows, lambda one: {k: v for k, v in shown_ruleset(repo, one).items() if k not in hidden})


@route("GET", f"{RULESETS}/<int:key>", "metadata:read")
def get_ruleset(hub: Hub, hit: Hit) -> Response:
    """Return one ruleset."""
    repo = repository_of(hub, hit)
    return json_response(200, shown_ruleset(repo, _found(repo, hit)))


@route("POST", RULESETS, "administration:write")
def create_ruleset(hub: Hub, hit: Hit) -> Response:
    """Make a ruleset of rules that the twin enforces."""
    repo, body = repository_of(hub, hit), _told(hit)
    demanded(body, "name", "enforcement")
    if any(one["name"] == body["name"] for one in repo.rulesets.values()):
        raise GithubError(422, "Validation Failed", errors=["Name must be unique"])
    held = _checked(
        {"id": hub.new_id(), "target": "branch", "bypass_actors": [], "conditions": ANY, "rules": []} | body
    )
    repo.rulesets[held["id"]] = held | {"created_at": hub.now(), "updated_at": hub.now()}
    hub.note("repository_ruleset.create", actor_of(hit), repo, ruleset_name=held["name"])
    return json_response(201, shown_ruleset(repo, repo.rulesets[held["id"]]))


@route("PUT", f"{RULESETS}/<int:key>", "administration:write")
def update_ruleset(hub: Hub, hit: Hit) -> Response:
    """Change a ruleset."""
    repo, body = repository_of(hub, hit), _told(hit)
    held = _found(repo, hit)
    held |= _checked({**held, **body}) | {"updated_at": hub.now()}
    hub.note("repository_ruleset.update", actor_of(hit), repo, ruleset_name=held["name"])
    return json_response(200, shown_ruleset(repo, held))


@route("DELETE", f"{RULESETS}/<int:key>", "administration:write")
def delete_ruleset(hub: Hub, hit: Hit) -> Response:
    """Delete a ruleset."""
    repo = repository_of(hub, hit)
    held = repo.rulesets.pop(_found(repo, hit)["id"])
    hub.note("repository_ruleset.destroy", actor_of(hit), repo, ruleset_name=held["name"])
    return Response(204)


def _told(hit: Hit) -> Record:
    """Return a body without what is null, which is as if it were not given."""
    return {name: value for name, value in object_of(hit, **SHAPE).items() if value is not None}


def _found(repo: Repository, hit: Hit) -> Record:
    held = repo.rulesets.get(int(hit.path["key"]))
    if held is None:
        raise not_found()
    return held


def _checked(held: Record) -> Record:
    if held["enforcement"] not in ("disabled", "active", "evaluate"):
        raise unprocessable("Invalid request.\n\nenforcement must be one of disabled, active, evaluate.")
    if "ref_name" not in held["conditions"]:
        held["conditions"] = ANY
    if held["target"] != "branch" or held["bypass_actors"]:
        raise unsupported("a ruleset for tags or pushes, or with actors that pass it")
    for rule in held["rules"]:
        if rule.get("type") not in ENFORCED:
            raise unsupported(f"the rule {rule.get('type')}")
        given = rule.get("parameters") or {}
        if missing := [name for name in ENFORCED[rule["type"]] if name not in given]:
            raise unprocessable(f"Invalid rule '{rule['type']}': {missing[0]} is missing")
    names = ("id", "name", "target", "enforcement", "bypass_actors", "conditions", "rules")
    return {name: held[name] for name in names}
