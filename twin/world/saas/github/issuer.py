"""The issuer of Actions' identity tokens: its discovery, its keys, and the address at which a job asks for one.

https://docs.github.com/en/actions/reference/security/oidc
"""

import hmac
from typing import Any

from twin.wire import Response
from twin.world.saas.github.errors import GithubError
from twin.world.saas.github.figures import figure
from twin.world.saas.github.progress import contexts_of
from twin.world.saas.github.routes import route
from twin.world.saas.github.runner import granted
from twin.world.saas.github.shapes import node
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.github.subjects import subject_of
from twin.world.saas.router import Hit, json_response
from twin.world.saas.rsa_keys import jwk_of, rsa_key, signed_jwt

ISSUER = "https://token.actions.githubusercontent.com"
CLAIMS = (
    "sub", "aud", "exp", "iat", "iss", "jti", "nbf", "ref", "sha", "repository", "repository_id", "repository_owner",
    "repository_owner_id", "run_id", "run_number", "run_attempt", "actor", "actor_id", "workflow", "workflow_ref",
    "workflow_sha", "head_ref", "base_ref", "event_name", "ref_type", "ref_protected", "environment",
    "environment_node_id", "job_workflow_ref", "job_workflow_sha", "repository_visibility", "runner_environment",
)  # fmt: skip


def _kid(hub: Hub) -> str:
    return f"{sum(hub.origin.encode()) * 2654435761 % 2**32:08X}" + "D2B5A7C1" * 4


def keys(hub: Hub) -> Record:
    """Return the public keys of the issuer."""
    return {"keys": [jwk_of(rsa_key(f"{hub.origin}:issuer"), _kid(hub))]}


@route("GET", "/.well-known/openid-configuration")
def discover(hub: Hub, _hit: Hit) -> Response:
    """Tell where the keys are, and which claims there are."""
    told: Record = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/.well-known/jwks", "claims_supported": list(CLAIMS)}
    told |= {"subject_types_supported": ["public", "pairwise"], "response_types_supported": ["id_token"]}
    return json_response(
        200, told | {"id_token_signing_alg_values_supported": ["RS256"], "scopes_supported": ["openid"]}
    )


@route("GET", "/.well-known/jwks")
def get_keys(hub: Hub, _hit: Hit) -> Response:
    """Publish the keys."""
    return json_response(200, keys(hub))


@route("GET", "/_apis/idtoken/<int:run>/<int:job>")
def ask(hub: Hub, hit: Hit) -> Response:
    """Give a job that runs, and that may have one, a token for an audience."""
    run, job = int(hit.path["run"]), int(hit.path["job"])
    repo = next((one for one in hub.repositories.values() if run in one.runs and job in one.jobs), None)
    given = hit.request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    held = repo.jobs[job] if repo is not None else None
    if (
        repo is None
        or held is None
        or not held["#request"]
        or not hmac.compare_digest(given, held["#request"].encode())
    ):
        raise GithubError(401, "Unauthorized")
    audience = hit.query.get("audience") or f"{SITE}/{repo.owner}"
    claims = _claims(hub, repo, held, audience)
    hub.tell("github.token.issued", repository=repo.full_name, run=run, subject=claims["sub"], audience=audience)
    header = {"typ": "JWT", "alg": "RS256", "kid": _kid(hub)}
    return json_response(200, {"count": 1, "value": signed_jwt(rsa_key(f"{hub.origin}:issuer"), header, claims)})


def _claims(hub: Hub, repo: Repository, held: Record, audience: str) -> dict[str, Any]:
    from twin.world.saas.github.branches import protected

    run = repo.runs[held["run_id"]]
    job = next(one for one in run["#plan"].jobs if one.key == held["#key"])
    github = contexts_of(hub, repo, run, job)["github"]
    actor, owner = hub.accounts.get(run["#actor"].lower()), hub.account(repo.owner)
    place, now = repo.environments.get(held["#environment"]), int(hub.instant().timestamp())
    file = f"{repo.full_name}/{run['path']}@{run['#ref']}"
    claims: dict[str, Any] = {"jti": hub.ids.uuid(), "aud": audience, "ref": run["#ref"], "sha": run["#sha"]}
    claims |= {"repository": repo.full_name, "repository_owner": repo.owner, "repository_owner_id": str(owner.id)}
    claims |= {"repository_id": str(repo.id), "repository_visibility": "private" if repo.private else "public"}
    claims |= {"run_id": str(run["id"]), "run_number": str(run["run_number"]), "run_attempt": str(run["run_attempt"])}
    claims |= {"runner_environment": "github-hosted", "actor": run["#actor"], "actor_id": str(actor.id if actor else 0)}
    claims |= {"workflow": run["name"], "head_ref": github.get("head_ref", ""), "base_ref": github.get("base_ref", "")}
    claims |= {"event_name": run["event"], "ref_type": "tag" if run["#ref"].startswith("refs/tags/") else "branch"}
    claims |= {"ref_protected": str(protected(repo, github["ref_name"])).lower(), "workflow_ref": file}
    claims |= {"workflow_sha": run["#sha"], "job_workflow_ref": file, "job_workflow_sha": run["#sha"]}
    if place is not None:
        claims |= {"environment": place["name"], "environment_node_id": node("Environment", place["id"])}
    assert granted(run, job).get("id-token") == "write", "only such a job has an address to ask at"
    ends = now + figure("id_token_seconds")
    return {"sub": subject_of(hub, repo, claims), **claims, "iss": ISSUER, "nbf": now - 300, "exp": ends, "iat": now}
