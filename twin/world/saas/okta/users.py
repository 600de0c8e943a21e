"""Users: created, read, listed, changed and deleted; their statuses change in `lifecycle`."""

from typing import Any

from twin.wire import Response
from twin.world.saas.okta.app_access import watched
from twin.world.saas.okta.body import checked, flag, one_of
from twin.world.saas.okta.criteria import compile_criteria
from twin.world.saas.okta.errors import OktaError, not_found, refuse
from twin.world.saas.okta.expansions import expanded
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.membership import evaluate_user, join
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.password_digests import kept
from twin.world.saas.okta.password_policies import policy_for, policy_of, too_recent, too_soon
from twin.world.saas.okta.passwords import check_new, set_password
from twin.world.saas.okta.profile import ATTRIBUTES, check_profile, schema_document
from twin.world.saas.okta.profile_changes import log_profile
from twin.world.saas.okta.shapes import IDS, READ_ONLY, Check, anything, choice, open_record, record, text
from twin.world.saas.okta.state import MANUAL, ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

SIZE = Size(200, 200)
FILTERED = r"status|id|created|lastUpdated|profile\.(login|email|firstName|lastName)"
SEARCHED = (
    rf"status|id|created|activated|lastUpdated|statusChanged|passwordChanged|type\.id|profile\.({'|'.join(ATTRIBUTES)})"
)
PASSWORD = record(value=text(least=1, most=72), hash=open_record(), hook=open_record())
CREDENTIALS = record(
    password=PASSWORD,
    recovery_question=record(question=text(least=1, most=100), answer=text(least=4, most=100)),
    provider=record(
        type=choice("ACTIVE_DIRECTORY", "FEDERATION", "IMPORT", "LDAP", "OKTA", "SOCIAL"), name=text(most=128)
    ),
)
PROFILE: dict[str, Check] = {"profile": open_record(), "credentials": CREDENTIALS, "realmId": text()}
CREATE = record("profile", **PROFILE, groupIds=IDS, type=record("id", id=text()))
# A client may send a whole user back; what Okta computed is ignored.
COMPUTED = ("activated", "statusChanged", "lastLogin", "passwordChanged", "transitioningToStatus", "type")
UPDATE = record(**PROFILE, **READ_ONLY, **dict.fromkeys(COMPUTED, anything))


def find_user(org: Org, key: str) -> Record:
    """Return a user by id, login or login without its domain where that is unambiguous; E0000007 otherwise."""
    if key == "me":
        key = str(org.actor.get("userId", key))
    if key in org.users:
        return org.users[key]
    wanted = key.casefold()
    logins = [(user["profile"]["login"].casefold(), user) for user in org.users.values()]
    found = [user for login, user in logins if login == wanted]
    found = found or [user for login, user in logins if login.partition("@")[0] == wanted]
    if len(found) != 1:
        raise not_found("User", key)
    return found[0]


def render_user(hit: Hit, user: Record, *, listed: bool = False) -> Record:
    """Return the user as Okta shows it: no secrets, and the links that its status opens."""
    shown = {name: value for name, value in user.items() if not name.startswith("#")}
    href = f"{base(hit)}/api/v1/users/{user['id']}"
    links: Record = {"self": link(href)}
    if not listed:
        links |= _links(href, user, f"{base(hit)}/api/v1/meta/types/user/{user['type']['id']}")
    return {**shown, "_links": links}


def _links(href: str, user: Record, type_href: str) -> Record:
    status = user["status"]
    opened = {
        "STAGED": ("activate", "deactivate"),
        "PROVISIONED": ("reactivate", "deactivate", "reset_password"),
        "ACTIVE": ("suspend", "reset_password", "expire_password", "deactivate"),
        "PASSWORD_EXPIRED": ("reset_password", "expire_password", "deactivate"),
        "RECOVERY": ("reset_password", "expire_password", "deactivate"),
        "LOCKED_OUT": ("unlock", "deactivate"),
        "SUSPENDED": ("unsuspend", "deactivate"),
        "DEPROVISIONED": ("activate",),
    }[status]
    names = {"reset_password": "resetPassword", "expire_password": "expirePassword"}
    links: Record = {names.get(verb, verb): {"href": f"{href}/lifecycle/{verb}", "method": "POST"} for verb in opened}
    return links | {
        "schema": link(f"{href.partition('/users/')[0]}/meta/schemas/user/default"),
        "type": link(type_href),
    }


@ROUTER.route("POST", "/api/v1/users")
def create_user(org: Org, hit: Hit) -> Response:
    """Create a user; its status follows from `activate`, `nextLogin` and the password."""
    activate, provider = flag(hit, "activate", True), flag(hit, "provider", False)
    next_login = one_of(hit, "nextLogin", "changePassword")
    body = checked(hit, CREATE, "user")
    credentials = body.get("credentials", {})
    if next_login and "password" not in credentials:
        raise OktaError("E0000124")
    if next_login and not activate:
        raise OktaError("E0000125")
    check_profile(org, body["profile"])
    _check_provider(credentials, provider)
    groups = [_assignable(org, group_id) for group_id in body.get("groupIds", [])]
    _check_type(org, body)
    if "password" in credentials:
        policy = policy_for(org, [group["id"] for group in groups], "OKTA")
        check_new(org, policy, credentials["password"], body["profile"])
    user = new_user(org, body["profile"], credentials)
    log(org, "user.lifecycle.create", target("User", user))
    if activate:
        enter_activation(org, user, expired=bool(next_login))
    with watched(org, list(org.apps.values()), [user]):
        join_everyone(org, user)
    for group in groups:
        join(org, group, user, MANUAL)
    evaluate_user(org, user)
    return json_response(200, render_user(hit, user))


def _check_provider(credentials: Record, provider: bool) -> None:
    kind = credentials.get("provider", {}).get("type", "OKTA")
    if provider and "provider" not in credentials:
        refuse("provider", "provider: The credentials must name a provider")
    if kind in ("FEDERATION", "SOCIAL") and "password" in credentials:
        refuse("password", "password: A password cannot be set for a user of this provider")


def _check_type(org: Org, body: Record) -> None:
    if "type" in body and body["type"]["id"] not in (org.user_type, "default"):
        raise not_found("UserType", str(body["type"]["id"]))


def _assignable(org: Org, group_id: str) -> Record:
    group = find(org.groups, group_id, "UserGroup")
    if group["type"] != "OKTA_GROUP":
        refuse("groupIds", f"groupIds: The group {group_id} cannot be assigned directly")
    return group


def new_user(org: Org, profile: Record, credentials: Record) -> Record:
    """Add a STAGED user to the org; fields that begin with # are never shown."""
    provider = {"type": "OKTA", "name": "OKTA"} | credentials.get("provider", {})
    user = org.new("00u", status="STAGED", activated=None, statusChanged=None, lastLogin=None, passwordChanged=None)
    user |= {"type": {"id": org.user_type}, "profile": _clean(profile), "credentials": {"provider": provider}}
    org.users[user["id"]] = user
    set_credentials(org, user, credentials)
    return user


def _clean(profile: Record) -> Record:
    unset = dict.fromkeys(("mobilePhone", "secondEmail"))
    return unset | {name: value for name, value in profile.items() if value is not None}


def set_credentials(org: Org, user: Record, credentials: Record) -> None:
    """Keep a password and a recovery question; the secret halves stay out of every reply."""
    if "password" in credentials:
        set_password(org, user, credentials["password"])
    if "recovery_question" in credentials:
        set_recovery(org, user, credentials["recovery_question"])


def set_recovery(org: Org, user: Record, given: Record) -> None:
    """Keep a recovery question, and of its answer a digest that case does not change."""
    if given.get("answer"):
        user["#answer"] = kept(str(given["answer"]).casefold(), f"{user['id']}:{org.now()}")
    user["credentials"]["recovery_question"] = {"question": given.get("question")}


def set_status(org: Org, user: Record, status: str) -> None:
    """Move a user to a status and note when."""
    user["status"] = status
    user["statusChanged"] = org.now()
    org.touch(user)


def enter_activation(org: Org, user: Record, *, expired: bool = False) -> None:
    """Activate a user: ACTIVE with a password or a foreign provider, PROVISIONED while one is awaited."""
    own = user["credentials"]["provider"]["type"] in ("OKTA", "IMPORT")
    ready = "#password" in user or not own
    set_status(org, user, ("PASSWORD_EXPIRED" if expired else "ACTIVE") if ready else "PROVISIONED")
    user["activated"] = org.now()
    log(org, "user.lifecycle.activate", target("User", user))


def join_everyone(org: Org, user: Record) -> None:
    """Make the user a member of the built-in group."""
    for group in org.groups.values():
        if group["type"] == "BUILT_IN":
            org.members[group["id"]][user["id"]] = {MANUAL}


@ROUTER.route("GET", "/api/v1/users")
def list_users(org: Org, hit: Hit) -> Response:
    """List users by `q`, `filter` or `search`; deprovisioned ones only when a filter or search asks."""
    expanded(hit, refused=("blocks", "classification"))
    search, criteria, words = (hit.query.get(name, "") for name in ("search", "filter", "q"))
    if (search and (criteria or words)) or (criteria and words):
        raise OktaError("E0000033")
    rows = list(org.users.values())
    if search:
        test = compile_criteria(search, SEARCHED, operators="eq sw co gt ge lt le pr", fold=True)
        rows = _sorted(hit, [user for user in rows if test(user)])
    elif criteria:
        test = compile_criteria(criteria, FILTERED, operators="eq gt ge lt le")
        rows = [user for user in rows if test(user)]
    else:
        rows = [user for user in rows if user["status"] != "DEPROVISIONED" and _starts(user, words)]
    return page(hit, rows, lambda user: render_user(hit, user, listed=True), SIZE)


def _starts(user: Record, words: str) -> bool:
    profile, wanted = user["profile"], words.casefold()
    return any(str(profile.get(name, "")).casefold().startswith(wanted) for name in ("firstName", "lastName", "email"))


def _sorted(hit: Hit, rows: list[Record]) -> list[Record]:
    path = hit.query.get("sortBy", "")
    if not path:
        return rows
    outer, _, inner = path.partition(".")

    def key(user: Record) -> Any:
        value = user.get(outer)
        return str((value or {}).get(inner, "") if inner else value or "").casefold()

    return sorted(rows, key=key, reverse=hit.query.get("sortOrder", "asc").lower() == "desc")


@ROUTER.route("GET", "/api/v1/users/<key>")
def get_user(org: Org, hit: Hit) -> Response:
    """Return one user by id or login."""
    expanded(hit, refused=("blocks", "classification"))
    return json_response(200, render_user(hit, find_user(org, hit.path["key"])))


@ROUTER.route("POST", "/api/v1/users/<key>")
def update_user(org: Org, hit: Hit) -> Response:
    """Change the fields given and keep the others."""
    user, body = find_user(org, hit.path["key"]), checked(hit, UPDATE, "user")
    return _change(org, hit, user, body, {**user["profile"], **body.get("profile", {})})


@ROUTER.route("PUT", "/api/v1/users/<key>")
def replace_user(org: Org, hit: Hit) -> Response:
    """Replace the profile whole; what is not given is cleared."""
    user, body = find_user(org, hit.path["key"]), checked(hit, UPDATE, "user")
    if "profile" not in body:
        refuse("profile", "profile: The field cannot be left blank")
    return _change(org, hit, user, body, body["profile"])


def _change(org: Org, hit: Hit, user: Record, body: Record, profile: Record) -> Response:
    if user["status"] == "DEPROVISIONED":
        raise OktaError("E0000038")
    check_profile(org, profile, user_id=user["id"])
    _check_password(org, hit, user, body | {"profile": profile})
    before, user["profile"] = user["profile"], _clean(profile)
    if "credentials" in body:
        set_credentials(org, user, body["credentials"])
        if "password" in body["credentials"]:
            log(org, "user.account.update_password", target("User", user))
            _leave_waiting(org, user)
    org.touch(user)
    log_profile(org, user, before)
    evaluate_user(org, user)
    return json_response(200, render_user(hit, user))


def _check_password(org: Org, hit: Hit, user: Record, body: Record) -> None:
    """Refuse a password that the policy does not accept; its history counts only when `strict` says so."""
    strict, given = flag(hit, "strict", False), body.get("credentials", {}).get("password")
    if not given:
        return
    policy = policy_of(org, user)
    check_new(org, policy, given, body["profile"])
    sentence = (
        strict
        and "value" in given
        and (too_recent(policy, user, given["value"]) or too_soon(policy, user, org.clock.now()))
    )
    if sentence:
        refuse("password", f"password: {sentence}")


def _leave_waiting(org: Org, user: Record) -> None:
    if user["status"] in ("PROVISIONED", "RECOVERY", "PASSWORD_EXPIRED"):
        set_status(org, user, "ACTIVE")


@ROUTER.route("GET", "/api/v1/meta/schemas/user/default")
def get_user_schema(org: Org, hit: Hit) -> Response:
    """Return the default user schema."""
    return json_response(200, schema_document(f"{base(hit)}/api/v1"))
