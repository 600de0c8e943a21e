"""Secrets of a repository and of its environments: they come in sealed, and no call ever gives them out.

https://docs.github.com/en/rest/actions/secrets; a sealed box of libsodium is opened only by who has the private key.
"""

import base64
import binascii
import hashlib
import re

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.environments import ONE, environment_of
from twin.world.saas.github.errors import GithubError, not_found, unprocessable
from twin.world.saas.github.figures import figure
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

OF_REPOSITORY, OF_ENVIRONMENT = f"{REPO}/actions/secrets", f"{ONE}/secrets"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The key of the sender and the tag of the box.
OVERHEAD = 48


def private_key(hub: Hub, repo: Repository, environment: str = "") -> X25519PrivateKey:
    """Return the key that opens what is sealed for a repository or one of its environments."""
    seed = hashlib.sha256(f"{hub.origin}:{repo.id}:{environment.lower()}".encode()).digest()
    return X25519PrivateKey.from_private_bytes(seed)


def public_key(hub: Hub, repo: Repository, environment: str = "") -> Record:
    """Return the key to seal with, and its id."""
    raw = private_key(hub, repo, environment).public_key().public_bytes_raw()
    number = int.from_bytes(hashlib.sha256(raw).digest()[:8], "big")
    return {"key_id": str(number), "key": base64.b64encode(raw).decode()}


def _named(name: str) -> str:
    if not NAME.fullmatch(name) or name.upper().startswith("GITHUB_"):
        raise unprocessable(
            "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). "
            "Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_)."
            if not NAME.fullmatch(name)
            else "Secret names must not start with GITHUB_."
        )
    return name.upper()


def _table(hub: Hub, hit: Hit) -> tuple[Repository, dict[str, Record], str]:
    repo = repository_of(hub, hit)
    if "environment" not in hit.path:
        return repo, repo.secrets, ""
    held = environment_of(repo, hit.path["environment"])
    return repo, held["#secrets"], held["name"]


def _shown(held: Record) -> Record:
    return {name: held[name] for name in ("name", "created_at", "updated_at")}


def _get_key(hub: Hub, hit: Hit) -> Response:
    repo, _, environment = _table(hub, hit)
    return json_response(200, public_key(hub, repo, environment))


def _list(hub: Hub, hit: Hit) -> Response:
    return page(hit, sorted(_table(hub, hit)[1].values(), key=lambda one: one["name"]), _shown, "secrets")


def _get(hub: Hub, hit: Hit) -> Response:
    held = _table(hub, hit)[1].get(hit.path["name"].upper())
    if held is None:
        raise not_found()
    return json_response(200, _shown(held))


def _put(hub: Hub, hit: Hit) -> Response:
    repo, table, environment = _table(hub, hit)
    name, body = _named(hit.path["name"]), object_of(hit, encrypted_value=str, key_id=str)
    demanded(body, "encrypted_value", "key_id")
    if body["key_id"] != public_key(hub, repo, environment)["key_id"]:
        raise unprocessable("Bad request - key_id is invalid")
    try:
        sealed = base64.b64decode(body["encrypted_value"], validate=True)
    except (binascii.Error, ValueError) as broken:
        raise unprocessable("Bad request - encrypted_value is not valid base64") from broken
    if not OVERHEAD <= len(sealed) <= figure("secret_bytes") + OVERHEAD:
        raise unprocessable(
            "Bad request - encrypted_value cannot be opened" if len(sealed) < OVERHEAD else "Secret is too large"
        )
    if name not in table and len(table) >= figure("secrets"):
        raise GithubError(422, f"Maximum of {figure('secrets')} secrets reached")
    known = table.get(name)
    made = known["created_at"] if known is not None else hub.now()
    table[name] = {"name": name, "created_at": made, "updated_at": hub.now(), "#sealed": body["encrypted_value"]}
    action = "update" if known is not None else "create"
    kind = "environment" if environment else "repo"
    hub.note(f"{kind}.{action}_actions_secret", actor_of(hit), repo, key=name)
    return Response(204) if known is not None else json_response(201, {})


def _delete(hub: Hub, hit: Hit) -> Response:
    repo, table, environment = _table(hub, hit)
    if table.pop(hit.path["name"].upper(), None) is None:
        raise not_found()
    kind = "environment" if environment else "repo"
    hub.note(f"{kind}.remove_actions_secret", actor_of(hit), repo, key=hit.path["name"].upper())
    return Response(204)


for place, permission in ((OF_REPOSITORY, "secrets"), (OF_ENVIRONMENT, "environments")):
    route("GET", f"{place}/public-key", f"{permission}:read", role="push")(_get_key)
    route("GET", place, f"{permission}:read", role="push")(_list)
    route("GET", f"{place}/<name>", f"{permission}:read", role="push")(_get)
    route("PUT", f"{place}/<name>", f"{permission}:write", role="push")(_put)
    route("DELETE", f"{place}/<name>", f"{permission}:write", role="push")(_delete)
