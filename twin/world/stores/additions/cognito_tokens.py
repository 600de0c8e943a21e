"""Cognito's tokens: keys of each pool's own, lifetimes of its clients, revocation, secrets of authenticator apps."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from moto.cognitoidp import urls
from moto.cognitoidp.exceptions import InvalidParameterException, NotAuthorizedError, ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUserPool
from moto.cognitoidp.responses import CognitoIdpJsonWebKeyResponse, CognitoIdpResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from twin.world.saas.rsa_keys import jwk_of, rsa_key, signed_jwt
from twin.world.stores.additions import adds

USES = ("id", "access")
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
# Default lifetimes and their units: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
DEFAULTS = {"access": (1, "hours"), "id": (1, "hours"), "refresh": (30, "days")}
NAMES = {"access": "AccessToken", "id": "IdToken", "refresh": "RefreshToken"}
REPLACED = CognitoIdpUserPool.create_jwt


def key_id(pool_id: str, use: str) -> str:
    """Return the id of a pool's key for one kind of token."""
    return base64.b64encode(hashlib.sha256(f"{pool_id}:{use}".encode()).digest()).decode()


def lifetime(pool: Any, client_id: str, kind: str) -> int:
    """Return how long a client's tokens of a kind live, in seconds."""
    settings = pool.clients[client_id].extended_config if client_id in pool.clients else {}
    amount, unit = DEFAULTS[kind]
    unit = (settings.get("TokenValidityUnits") or {}).get(NAMES[kind], unit)
    return int(settings.get(f"{NAMES[kind]}Validity") or amount) * UNITS[unit]


@adds(CognitoIdpUserPool)
def create_jwt(
    pool: Any, client_id: str, username: str, token_use: str, expires_in: int = 0,
    extra_data: dict[str, Any] | None = None,
) -> tuple[str, int]:  # fmt: skip
    """Sign a token with the pool's own key, for as long as its client says."""
    life = expires_in or lifetime(pool, client_id, token_use)
    unsigned, _ = REPLACED(pool, client_id, username, token_use, expires_in=life, extra_data=extra_data)
    part = unsigned.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    kid = key_id(pool.id, token_use)
    return signed_jwt(rsa_key(f"cognito-key:{pool.id}:{token_use}"), {"kid": kid}, claims), life


@adds(CognitoIdpUserPool)
def create_refresh_token(pool: Any, client_id: str, username: str) -> tuple[str, str]:
    """Make a refresh token and remember when it ends."""
    token, origin = str(mock_random.uuid4()), str(mock_random.uuid4())
    pool.refresh_tokens[token] = (client_id, username, origin)
    ends: dict[str, float] = vars(pool).setdefault("refresh_ends", {})
    ends[token] = unix_time() + lifetime(pool, client_id, "refresh")
    return token, origin


def serve_json_web_key(_request: Any, full_url: str, _headers: Any) -> tuple[int, dict[str, str], bytes]:
    """Tell a pool's own public keys: one for ID tokens, one for access tokens."""
    pool_id = urlsplit(full_url).path.strip("/").split("/")[0]
    keys = [jwk_of(rsa_key(f"cognito-key:{pool_id}:{use}"), key_id(pool_id, use)) for use in USES]
    return 200, {"Content-Type": "application/json"}, json.dumps({"keys": keys}).encode()


CognitoIdpJsonWebKeyResponse.serve_json_web_key = staticmethod(serve_json_web_key)  # type: ignore[method-assign]
urls.url_paths.update({path: serve_json_web_key for path in urls.url_paths if path.endswith("jwks.json$")})


@adds(CognitoIdpResponse)
def revoke_token(response: Any) -> ActionResult:
    """Revoke a refresh token of a client with the access tokens that came of it; an unknown one is no error."""
    client_id, token = response._get_param("ClientId"), response._get_param("Token")
    pool = next((one for one in every_pool() if client_id in one.clients), None)
    if pool is None:
        raise ResourceNotFoundError(f"User pool client {client_id} does not exist.")
    kept = pool.refresh_tokens.get(token)
    if kept is None and token in pool.access_tokens:
        raise InvalidParameterException("Token type is not supported for revocation")
    if kept is not None and kept[0] == client_id:
        pool.refresh_tokens[token] = None
        for access in [one for one in pool.access_tokens if _origin(one) == kept[2]]:
            del pool.access_tokens[access]
    return EmptyResult()


def _origin(token: str) -> str:
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return str(claims.get("origin_jti"))


def every_pool() -> list[Any]:
    """Return the user pools of all accounts and Regions: who shows a token names none of them."""
    from twin.world.stores.moto_store import backends

    return [
        pool
        for regions in backends("cognito-idp").values()
        for backend in regions.values()
        for pool in backend.user_pools.values()
    ]


@adds(CognitoIdpBackend)
def associate_software_token(backend: Any, access_token: str, session: str) -> dict[str, str]:
    """Give a user a secret of their own for an authenticator app."""
    user = _holder(backend, access_token, session)
    secret = base64.b32encode(mock_random.getrandbits(160).to_bytes(20, "big")).decode()
    vars(user)["totp_secret"] = secret
    return {"SecretCode": secret, **({"Session": session} if session else {})}


def _holder(backend: Any, access_token: str, session: str) -> Any:
    if session:
        if session not in backend.sessions:
            raise NotAuthorizedError(session)
        name, pool = backend.sessions[session]
        return backend.admin_get_user(pool.id, name)
    for pool in backend.user_pools.values():
        if access_token in pool.access_tokens:
            return backend.admin_get_user(pool.id, pool.access_tokens[access_token][1])
    raise NotAuthorizedError(access_token)
