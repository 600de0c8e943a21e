"""How the subject of identity tokens is put together: by default from the repository and what the job runs for.

https://docs.github.com/en/actions/reference/security/oidc#customizing-the-token-claims
"""

from collections.abc import Mapping
from typing import Any

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.errors import unprocessable
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

OF_REPOSITORY, OF_ORGANISATION = f"{REPO}/actions/oidc/customization/sub", "/orgs/<org>/actions/oidc/customization/sub"
KEYS = (
    "repo", "context", "actor", "actor_id", "base_ref", "environment", "event_name", "head_ref", "job_workflow_ref",
    "ref", "ref_type", "repository", "repository_id", "repository_owner", "repository_owner_id",
    "repository_visibility", "runner_environment", "sha", "workflow", "workflow_ref",
)  # fmt: skip
DEFAULT = ["repo", "context"]


def subject_of(hub: Hub, repo: Repository, claims: Mapping[str, Any]) -> str:
    """Return the subject of a token with some claims, by the template of its repository or organisation."""
    own = repo.subject
    wanted = DEFAULT if own["use_default"] else own.get("include_claim_keys") or hub.account(repo.owner).subject
    return ":".join(_part(claims, key) for key in wanted)


def _part(claims: Mapping[str, Any], key: str) -> str:
    if key == "repo":
        return f"repo:{claims['repository']}"
    if key == "context":
        if "environment" in claims:
            return f"environment:{claims['environment']}"
        return "pull_request" if claims["event_name"] == "pull_request" else f"ref:{claims['ref']}"
    return f"{key}:{claims.get(key, '')}"


@route("GET", OF_REPOSITORY, "actions:read")
def get_own(hub: Hub, hit: Hit) -> Response:
    """Return the template of a repository."""
    return json_response(200, repository_of(hub, hit).subject)


@route("PUT", OF_REPOSITORY, "actions:write", role="admin")
def put_own(hub: Hub, hit: Hit) -> Response:
    """Set the template of a repository; without the default and without keys the organisation's counts."""
    repo, body = repository_of(hub, hit), object_of(hit, use_default=bool, include_claim_keys=[str])
    demanded(body, "use_default")
    own = not body["use_default"] and bool(body.get("include_claim_keys"))
    keys = {"include_claim_keys": _checked(body)} if own else {}
    repo.subject = {"use_default": body["use_default"], **keys}
    hub.note("repo.update_oidc_sub_claim", actor_of(hit), repo, template=repo.subject)
    return json_response(201, {})


@route("GET", OF_ORGANISATION, "organization_administration:read")
def get_organisations(hub: Hub, hit: Hit) -> Response:
    """Return the template of an organisation."""
    return json_response(200, {"include_claim_keys": hub.account(hit.path["org"]).subject})


@route("PUT", OF_ORGANISATION, "organization_administration:write")
def put_organisations(hub: Hub, hit: Hit) -> Response:
    """Set the template of an organisation, for repositories that do not keep the default."""
    account, body = hub.account(hit.path["org"]), object_of(hit, include_claim_keys=[str])
    demanded(body, "include_claim_keys")
    account.subject = _checked(body)
    hub.note("org.update_oidc_sub_claim", actor_of(hit), org=account.login, template=account.subject)
    return json_response(201, {})


def _checked(body: Record) -> list[str]:
    keys: list[str] = body["include_claim_keys"]
    if not keys or (unknown := [key for key in keys if key not in KEYS]):
        raise unprocessable(f"Invalid claim keys: {', '.join(unknown if keys else ['none'])}")
    return keys
