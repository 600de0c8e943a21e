"""One-time tokens: what Okta mails to a user to activate an account or to set a new password."""

from datetime import timedelta

from twin.world.saas.okta.password_policies import policy_of
from twin.world.saas.okta.state import Org, Record, stamp

# https://developer.okta.com/docs/reference/api/authn/ (activation tokens) and the defaults of the recovery settings.
ACTIVATION_DAYS = 7


def issue(org: Org, user: Record, kind: str) -> str:
    """Return a new token of a kind (`activation`, `recovery`), which takes the place of an older one of the user."""
    org.one_time = {
        key: held for key, held in org.one_time.items() if (held["userId"], held["kind"]) != (user["id"], kind)
    }
    secret = org.ids.word(20)
    expires = stamp(org.clock.now() + _life(org, user, kind))
    org.one_time[secret] = {"userId": user["id"], "kind": kind, "expiresAt": expires}
    return secret


def _life(org: Org, user: Record, kind: str) -> timedelta:
    if kind == "activation":
        return timedelta(days=ACTIVATION_DAYS)
    factors = policy_of(org, user)["settings"]["recovery"]["factors"]
    token = (factors["okta_email"].get("properties") or {}).get("recoveryToken") or {}
    return timedelta(minutes=token.get("tokenLifetimeMinutes", 60))


def redeem(org: Org, secret: str, kind: str) -> Record | None:
    """Return the user of a token that is still good, and use it up."""
    held = org.one_time.get(secret)
    if held is None or held["kind"] != kind or held["expiresAt"] <= org.now():
        return None
    del org.one_time[secret]
    return org.users.get(held["userId"])


def forget_user(org: Org, user_id: str) -> None:
    """Drop the tokens of a user who is gone."""
    org.one_time = {key: held for key, held in org.one_time.items() if held["userId"] != user_id}


def mail(org: Org, user: Record, kind: str, **facts: str) -> None:
    """Keep a message to a user where a test can find what only the user may read."""
    org.outbox.append({"to": user["profile"]["email"], "userId": user["id"], "kind": kind, "at": org.now(), **facts})
