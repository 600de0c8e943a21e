"""A session token for a user of the twin's Okta org, as a sign-in with two factors gives it."""

from twin.world.saas.okta.sessions import issue_session_token


def token_for(org, user, *, methods=("pwd", "swk"), proved=None):
    """Return a session token; `proved` names the factors and when each was proved."""
    now = org.now()
    held = proved if proved is not None else {"okta_password": now, "webauthn": now}
    return issue_session_token(
        org, org.users[user["id"]], proved=held, amr=list(methods), device="", idle=120, lifetime=0
    )  # fmt: skip
