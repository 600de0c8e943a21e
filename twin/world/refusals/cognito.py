"""Cognito: tokens that are over or revoked, flows that a client may not use, codes that no authenticator app shows."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from twin.world.authorisation.mfa import STEP, code_at
from twin.world.refusals import Asked, Refusal, refuses

OWN = (
    "GetUser", "ChangePassword", "UpdateUserAttributes", "DeleteUserAttributes", "DeleteUser", "GlobalSignOut",
    "AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference", "GetUserAttributeVerificationCode",
)  # fmt: skip
FLOWS = {
    "USER_PASSWORD_AUTH": ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"),
    "USER_SRP_AUTH": ("ALLOW_USER_SRP_AUTH",),
    "CUSTOM_AUTH": ("ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY"),
    "REFRESH_TOKEN_AUTH": ("ALLOW_REFRESH_TOKEN_AUTH",),
    "REFRESH_TOKEN": ("ALLOW_REFRESH_TOKEN_AUTH",),
    "ADMIN_USER_PASSWORD_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
    "ADMIN_NO_SRP_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
}
# What a client may use that says nothing: CreateUserPoolClient, ExplicitAuthFlows.
DEFAULT = ("ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")


def _now() -> float:
    from moto.core.utils import unix_time

    return float(unix_time())


def _pools() -> list[Any]:
    from twin.world.stores.additions.cognito_tokens import every_pool

    return every_pool()


def _pool(client_id: str) -> Any:
    return next((pool for pool in _pools() if client_id in pool.clients), None)


@refuses("cognito-idp", *OWN)
def token_in_time(asked: Asked) -> None:
    """An access token is good until it expires or is revoked."""
    token = asked.parameters.get("AccessToken")
    if not token:
        return
    ends = _claim(token, "exp")
    if ends is not None and _now() >= ends:
        raise Refusal("NotAuthorizedException", "Access Token has expired")
    if ends is not None and not any(token in pool.access_tokens for pool in _pools()):
        raise Refusal("NotAuthorizedException", "Access Token has been revoked")


def _claim(token: str, name: str) -> Any:
    """Return a claim of a token that was made here; None of what is no token."""
    try:
        part = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))).get(name)
    except (IndexError, ValueError):
        return None


@refuses("cognito-idp", "InitiateAuth", "AdminInitiateAuth")
def flow_of_client(asked: Asked) -> None:
    """A client uses the flows that it was made for, and a refresh token only itself, in time, for an enabled user."""
    flow, client_id = str(asked.parameters.get("AuthFlow")), str(asked.parameters.get("ClientId"))
    pool = _pool(client_id)
    if pool is None or flow not in FLOWS:
        return
    enabled = pool.clients[client_id].extended_config.get("ExplicitAuthFlows") or DEFAULT
    if not set(FLOWS[flow]) & set(enabled):
        admin = asked.call.operation == "AdminInitiateAuth"
        who = "Auth flow" if admin else f"{flow} flow"
        raise Refusal("InvalidParameterException", f"{who} not enabled for this client")
    if flow.startswith("REFRESH_TOKEN"):
        _check_refresh(pool, client_id, str((asked.parameters.get("AuthParameters") or {}).get("REFRESH_TOKEN")))


def _check_refresh(pool: Any, client_id: str, token: str) -> None:
    if token not in pool.refresh_tokens:
        raise Refusal("NotAuthorizedException", "Invalid Refresh Token")
    kept = pool.refresh_tokens[token]
    if kept is None:
        raise Refusal("NotAuthorizedException", "Refresh Token has been revoked")
    if kept[0] != client_id:
        raise Refusal("NotAuthorizedException", "Invalid Refresh Token")
    if _now() >= vars(pool).get("refresh_ends", {}).get(token, float("inf")):
        raise Refusal("NotAuthorizedException", "Refresh Token has expired")
    user = pool.users.get(kept[1])
    if user is not None and not user.enabled:
        raise Refusal("NotAuthorizedException", "User is disabled.")


@refuses("cognito-idp", "VerifySoftwareToken")
def code_of_new_app(asked: Asked) -> None:
    """The first code proves that the app has the secret."""
    token, session = asked.parameters.get("AccessToken"), asked.parameters.get("Session")
    for pool in _pools():
        name = pool.access_tokens[token][1] if token in pool.access_tokens else None
        name = name or _name_of_session(pool, session)
        if name is not None and not _shown(pool.users.get(name), str(asked.parameters.get("UserCode"))):
            raise Refusal("EnableSoftwareTokenMFAException", "Code mismatch")


@refuses("cognito-idp", "RespondToAuthChallenge", "AdminRespondToAuthChallenge")
def code_of_app(asked: Asked) -> None:
    """A challenge for an authenticator app wants the code that it shows now."""
    if asked.parameters.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
        return
    pool = _pool(str(asked.parameters.get("ClientId")))
    name = _name_of_session(pool, asked.parameters.get("Session")) if pool is not None else None
    code = str((asked.parameters.get("ChallengeResponses") or {}).get("SOFTWARE_TOKEN_MFA_CODE"))
    if name is not None and not _shown(pool.users.get(name), code):
        raise Refusal("CodeMismatchException", "Invalid code received for user")


def _name_of_session(pool: Any, session: Any) -> str | None:
    from twin.world.stores.moto_store import backends

    for regions in backends("cognito-idp").values():
        for backend in regions.values():
            kept = backend.sessions.get(session)
            if kept is not None and kept[1] is pool:
                return str(kept[0])
    return None


def _shown(user: Any, code: str) -> bool:
    """Tell whether a user's app shows a code now, a step before or a step after."""
    secret = vars(user).get("totp_secret") if user is not None else None
    if secret is None:
        return False
    moments = (datetime.fromtimestamp(_now() + drift * STEP, UTC) for drift in (-1, 0, 1))
    return code in {code_at(secret, moment) for moment in moments}
