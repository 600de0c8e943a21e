"""Authentication transactions: what a user has proved so far, and the state in which the sign-in stands.

Source: https://developer.okta.com/docs/reference/api/authn/
"""

from datetime import timedelta

from twin.world.saas.okta.detections import remember, sign_in_of
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.factor_kinds import KINDS, kind_of, offered
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.password_policies import expires_at, policy_of
from twin.world.saas.okta.sessions import issue_session_token
from twin.world.saas.okta.sign_on import Attempt, Verdict, circumstances, factors_of, log_verdict, session_verdict
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.okta.users import set_status
from twin.world.saas.router import Hit

AUTHN = "/api/v1/authn"
LIFE = 300


def begin(org: Org, user: Record, *, device: str = "", relay: str | None = None, warn: bool = False) -> Record:
    """Start the transaction of a user."""
    transaction: Record = {
        "stateToken": f"00{org.ids.word(40)}",
        "userId": user["id"],
        "status": "",
        "expiresAt": org.later(LIFE),
        "relayState": relay,
        "proved": {},
        "amr": ["pwd"],
        "device": device,
        "ip": org.caller.ip,
        "warn": warn,
    }
    org.transactions[transaction["stateToken"]] = transaction
    return transaction


def find_transaction(org: Org, body: Record, *states: str) -> tuple[Record, Record]:
    """Return the transaction that a state token names, and its user; it must stand in one of the states named, if any.

    E0000011 for a token that is unknown or old, E0000079 for a step that the state does not allow.
    """
    token = body.get("stateToken")
    transaction = org.transactions.get(token) if isinstance(token, str) else None
    if transaction is None or transaction["expiresAt"] <= org.now() or transaction["userId"] not in org.users:
        raise OktaError("E0000011")
    if states and transaction["status"] not in states:
        raise OktaError("E0000079")
    return transaction, org.users[transaction["userId"]]


def advance(org: Org, hit: Hit, transaction: Record) -> Record:
    """Go on to the next state that the user's status and the global session policy ask for, and return its reply."""
    user = org.users[transaction["userId"]]
    attempt = Attempt(transaction["ip"], transaction["device"], tuple(transaction["proved"].items()))
    verdict = session_verdict(org, circumstances(org, user, attempt))
    log_verdict(org, user, verdict)
    if verdict.access == "DENY":
        del org.transactions[transaction["stateToken"]]
        raise OktaError("E0000085")
    if _password_expired(org, user):
        return state(org, hit, transaction, "PASSWORD_EXPIRED")
    if not verdict.demands["satisfied"]:
        ways = verdict.demands["possible"] and factors_of(org, user)
        return state(org, hit, transaction, "MFA_REQUIRED" if ways else "MFA_ENROLL")
    if transaction["warn"] and _expires_soon(org, user):
        return state(org, hit, transaction, "PASSWORD_WARN")
    return succeed(org, hit, transaction, verdict)


def _password_expired(org: Org, user: Record) -> bool:
    ends = expires_at(policy_of(org, user), user)
    if user["status"] == "ACTIVE" and ends is not None and ends <= org.clock.now():
        set_status(org, user, "PASSWORD_EXPIRED")
    return bool(user["status"] == "PASSWORD_EXPIRED")


def _expires_soon(org: Org, user: Record) -> bool:
    policy = policy_of(org, user)
    ends, days = expires_at(policy, user), policy["settings"]["password"]["age"].get("expireWarnDays", 0)
    return ends is not None and ends - timedelta(days=days) <= org.clock.now()


def succeed(org: Org, hit: Hit, transaction: Record, verdict: Verdict) -> Record:
    """End a transaction with a session token; the session will live as the deciding rule allows."""
    user = org.users[transaction["userId"]]
    org.transactions.pop(transaction["stateToken"], None)
    remember(org, user, sign_in_of(org, transaction["ip"], transaction["device"]))
    user["lastLogin"], user["#failures"] = org.now(), 0
    assert verdict.session is not None
    token = issue_session_token(
        org,
        user,
        proved=dict(transaction["proved"]),
        amr=list(dict.fromkeys(transaction["amr"])),
        device=transaction["device"],
        idle=verdict.session.idle,
        lifetime=verdict.session.lifetime or 0,
    )
    log(org, "user.session.start", by=target("User", user))
    relayed = {"relayState": transaction["relayState"]} if transaction["relayState"] is not None else {}
    expires = org.one_time[token]["expiresAt"]
    told = {"expiresAt": expires, "status": "SUCCESS", **relayed, "sessionToken": token}
    return told | {"_embedded": {"user": shown_user(user)}, "_links": {"cancel": _cancel(hit)}}


def shown_user(user: Record) -> Record:
    """Return what a transaction tells of its user."""
    profile = user["profile"]
    names = {name: profile.get(name) for name in ("login", "firstName", "lastName")}
    places = {"locale": profile.get("locale") or "en", "timeZone": profile.get("timezone") or "America/Los_Angeles"}
    return {"id": user["id"], "passwordChanged": user["passwordChanged"], "profile": names | places}


def _cancel(hit: Hit) -> Record:
    return link(f"{base(hit)}{AUTHN}/cancel", "POST")


def state(org: Org, hit: Hit, transaction: Record, status: str, **more: object) -> Record:
    """Put a transaction into a state and return the reply that tells it; each step gives it its time anew."""
    transaction |= {"status": status, "expiresAt": org.later(LIFE)}
    user = org.users[transaction["userId"]]
    embedded: Record = {"user": shown_user(user)}
    links: Record = {"cancel": _cancel(hit)}
    if status == "MFA_REQUIRED":
        embedded["factors"] = [render_authn_factor(hit, one) for one in factors_of(org, user)]
        embedded["policy"] = {"allowRememberDevice": True, "rememberDeviceByDefault": False}
    elif status == "MFA_ENROLL":
        embedded["factors"] = [_enrollable(org, hit, user, kind) for kind in KINDS if offered(org, user, kind)]
    elif status in ("PASSWORD_EXPIRED", "PASSWORD_WARN", "PASSWORD_RESET"):
        verb = "reset_password" if status == "PASSWORD_RESET" else "change_password"
        complexity = policy_of(org, user)["settings"]["password"]["complexity"]
        embedded["policy"] = {"complexity": complexity}
        href = f"{base(hit)}{AUTHN}/credentials/{verb}"
        links["next"] = {"name": verb.replace("_p", "P"), **link(href, "POST")}
        if status == "PASSWORD_WARN":
            links["skip"] = {"name": "skip", **link(f"{base(hit)}{AUTHN}/skip", "POST")}
    elif status == "RECOVERY":
        embedded["user"]["recovery_question"] = user["credentials"].get("recovery_question")
        links["next"] = {"name": "answer", **link(f"{base(hit)}{AUTHN}/recovery/answer", "POST")}
    told: Record = {"stateToken": transaction["stateToken"], "expiresAt": transaction["expiresAt"], "status": status}
    if transaction["relayState"] is not None:
        told["relayState"] = transaction["relayState"]
    return told | more | {"_embedded": embedded, "_links": links}


def render_authn_factor(hit: Hit, factor: Record) -> Record:
    """Return an enrolled factor as a transaction offers it."""
    href = f"{base(hit)}{AUTHN}/factors/{factor['id']}/verify"
    names = ("id", "factorType", "provider", "vendorName", "profile")
    return {name: factor[name] for name in names} | {"_links": {"verify": link(href, "POST")}}


def _enrollable(org: Org, hit: Hit, user: Record, kind: object) -> Record:
    known = next(one for one in KINDS if one is kind)
    told = {"factorType": known.type, "provider": known.provider, "vendorName": known.provider, "status": "NOT_SETUP"}
    links = {"enroll": link(f"{base(hit)}{AUTHN}/factors", "POST")}
    return told | {"enrollment": offered(org, user, known), "_links": links}


def proved(org: Org, transaction: Record, factor: Record) -> None:
    """Note that a factor of the transaction's user was proved now."""
    kind = kind_of(factor)
    transaction["proved"][f"{kind.authenticator}/{kind.method}"] = org.now()
    transaction["amr"] += kind.amr
