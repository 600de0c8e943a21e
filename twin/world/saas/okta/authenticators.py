"""Authenticators: what users can prove themselves with, and their methods."""

from typing import Any

from twin.wire import Response
from twin.world.saas.okta.body import checked, flag
from twin.world.saas.okta.errors import OktaError, not_found, refuse
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.policy_shapes import filled
from twin.world.saas.okta.shapes import READ_ONLY, choice, open_record, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

AUTHENTICATORS = "/api/v1/authenticators"
ALLOWED_FOR = choice("any", "none", "recovery", "sso")
# key -> type, name, settings, methods (type, status at first)
KINDS: dict[str, tuple[str, str, dict[str, Any], tuple[tuple[str, str], ...]]] = {
    "okta_password": ("password", "Password", {}, (("password", "ACTIVE"),)),
    "okta_email": ("email", "Email", {"allowedFor": "any", "tokenLifetimeInMinutes": 5}, (("email", "ACTIVE"),)),
    "okta_verify": (
        "app",
        "Okta Verify",
        {
            "channelBinding": {"style": "NUMBER_CHALLENGE", "required": "HIGH_RISK_ONLY"},
            "compliance": {"fips": "OPTIONAL"},
            "userVerification": "PREFERRED",
        },
        (("push", "ACTIVE"), ("signed_nonce", "INACTIVE"), ("totp", "ACTIVE")),
    ),
    "phone_number": ("phone", "Phone", {"allowedFor": "any"}, (("sms", "ACTIVE"), ("voice", "INACTIVE"))),
    "webauthn": ("security_key", "Security Key or Biometric", {}, (("webauthn", "ACTIVE"),)),
    "security_question": (
        "security_question",
        "Security Question",
        {"allowedFor": "recovery"},
        (("security_question", "ACTIVE"),),
    ),
    "google_otp": ("app", "Google Authenticator", {}, (("otp", "ACTIVE"),)),
}
FIXED = ("okta_password", "okta_email")
METHOD_SETTINGS: dict[str, dict[str, Any]] = {
    "push": {"algorithms": ["RS256", "ES256"], "keyProtection": "ANY", "transactionTypes": ["LOGIN"]},
    "signed_nonce": {"algorithms": ["RS256", "ES256"], "keyProtection": "ANY", "showSignInWithOV": "ALWAYS"},
    "totp": {"timeIntervalInSeconds": 30, "encoding": "base32", "algorithm": "HMacSHA1", "passCodeLength": 6},
    "webauthn": {"userVerification": "PREFERRED", "attachment": "ANY"},
}
CREATE = record(
    "key",
    **READ_ONLY,
    key=text(least=1),
    name=text(most=128),
    description=text(most=255),
    type=text(),
    settings=open_record(allowedFor=ALLOWED_FOR),
)
UPDATE = record(
    "name",
    **READ_ONLY,
    key=text(least=1),
    name=text(least=1, most=128),
    description=text(most=255),
    type=text(),
    settings=open_record(allowedFor=ALLOWED_FOR),
)


def new_authenticator(org: Org, key: str, *, status: str = "ACTIVE", settings: Record | None = None) -> Record:
    """Add the authenticator of a key to the org."""
    kind, name, defaults, methods = KINDS[key]
    made = org.new("aut", status=status) | {"type": kind, "key": key, "name": name}
    if defaults:
        made["settings"] = filled(defaults, settings or {})
    made["#methods"] = {method: {"type": method, "status": state} for method, state in methods}
    org.authenticators[made["id"]] = made
    return made


def render_authenticator(hit: Hit, authenticator: Record) -> Record:
    """Return an authenticator with its links."""
    href = f"{base(hit)}{AUTHENTICATORS}/{authenticator['id']}"
    shown = {name: value for name, value in authenticator.items() if not name.startswith("#")}
    links = {"self": link(href, "GET", "PUT"), "methods": link(f"{href}/methods", "GET")}
    if authenticator["key"] not in FIXED:
        links |= lifecycle(href, authenticator["status"])
    return {**shown, "_links": links}


@ROUTER.route("GET", AUTHENTICATORS)
def list_authenticators(org: Org, hit: Hit) -> Response:
    """List the authenticators of the org."""
    return json_response(200, [render_authenticator(hit, one) for one in org.authenticators.values()])


@ROUTER.route("POST", AUTHENTICATORS)
def create_authenticator(org: Org, hit: Hit) -> Response:
    """Add an authenticator by its key; each key exists once."""
    active, body = flag(hit, "activate", True), checked(hit, CREATE, "authenticator")
    key = body["key"]
    if key not in KINDS:
        raise OktaError("E0000060", f"an authenticator with the key {key} is not simulated here")
    if any(one["key"] == key for one in org.authenticators.values()):
        raise OktaError("E0000157", key)
    made = new_authenticator(org, key, status="ACTIVE" if active else "INACTIVE", settings=body.get("settings"))
    made |= {name: body[name] for name in ("name", "description") if body.get(name)}
    log(org, "security.authenticator.lifecycle.create", target("Authenticator", made))
    return json_response(200, render_authenticator(hit, made))


def _authenticator(org: Org, hit: Hit) -> Record:
    return find(org.authenticators, hit.path["authenticator_id"], "Authenticator")


@ROUTER.route("GET", f"{AUTHENTICATORS}/<authenticator_id>")
def get_authenticator(org: Org, hit: Hit) -> Response:
    """Return one authenticator."""
    return json_response(200, render_authenticator(hit, _authenticator(org, hit)))


@ROUTER.route("PUT", f"{AUTHENTICATORS}/<authenticator_id>")
def replace_authenticator(org: Org, hit: Hit) -> Response:
    """Replace the name and the settings of an authenticator."""
    one, body = _authenticator(org, hit), checked(hit, UPDATE, "authenticator")
    if body.get("key", one["key"]) != one["key"]:
        refuse("key", "key: The key of an authenticator cannot be changed")
    one |= {"name": body["name"]} | ({"description": body["description"]} if "description" in body else {})
    defaults = KINDS[one["key"]][2]
    if defaults:
        one["settings"] = filled(defaults, body.get("settings", {}))
    org.touch(one)
    log(org, "security.authenticator.lifecycle.update", target("Authenticator", one))
    return json_response(200, render_authenticator(hit, one))


@ROUTER.route("POST", f"{AUTHENTICATORS}/<authenticator_id>/lifecycle/activate")
def activate_authenticator(org: Org, hit: Hit) -> Response:
    """Activate an authenticator."""
    return _set_status(org, hit, "ACTIVE", "security.authenticator.lifecycle.activate")


@ROUTER.route("POST", f"{AUTHENTICATORS}/<authenticator_id>/lifecycle/deactivate")
def deactivate_authenticator(org: Org, hit: Hit) -> Response:
    """Deactivate an authenticator that no enrolment policy offers."""
    one = _authenticator(org, hit)
    if one["key"] in FIXED:
        refuse("authenticator", f"authenticator: {one['name']} cannot be deactivated")
    using = [policy["name"] for policy in org.policies.values() if _offers(policy, one["key"])]
    if using:
        raise OktaError("E0000148", ", ".join(using))
    return _set_status(org, hit, "INACTIVE", "security.authenticator.lifecycle.deactivate")


def _offers(policy: Record, key: str) -> bool:
    if policy["type"] != "MFA_ENROLL" or policy["system"]:
        return False
    listed = policy["settings"]["authenticators"]
    return any(one["key"] == key and one["enroll"]["self"] != "NOT_ALLOWED" for one in listed)


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    one = _authenticator(org, hit)
    if one["status"] != status:
        one["status"] = status
        org.touch(one)
        _follow_in_system_policy(org, one)
        log(org, event, target("Authenticator", one))
    return json_response(200, render_authenticator(hit, one))


def _follow_in_system_policy(org: Org, one: Record) -> None:
    for policy in org.policies.values():
        if policy["type"] == "MFA_ENROLL" and policy["system"]:
            listed = [row for row in policy["settings"]["authenticators"] if row["key"] != one["key"]]
            offered = {"key": one["key"], "enroll": {"self": "OPTIONAL"}}
            policy["settings"]["authenticators"] = [*listed, offered] if one["status"] == "ACTIVE" else listed


def _render_method(hit: Hit, one: Record, method: Record) -> Record:
    href = f"{base(hit)}{AUTHENTICATORS}/{one['id']}/methods/{method['type']}"
    settings = METHOD_SETTINGS.get(method["type"])
    shown = {**method, "settings": settings} if settings else dict(method)
    return {**shown, "_links": {"self": link(href, "GET"), **lifecycle(href, method["status"])}}


@ROUTER.route("GET", f"{AUTHENTICATORS}/<authenticator_id>/methods")
def list_methods(org: Org, hit: Hit) -> Response:
    """List the methods of an authenticator."""
    one = _authenticator(org, hit)
    return json_response(200, [_render_method(hit, one, method) for method in one["#methods"].values()])


def _method(org: Org, hit: Hit) -> tuple[Record, Record]:
    one, wanted = _authenticator(org, hit), hit.path["method"]
    if wanted not in one["#methods"]:
        raise not_found("AuthenticatorMethod", wanted)
    return one, one["#methods"][wanted]


@ROUTER.route("GET", f"{AUTHENTICATORS}/<authenticator_id>/methods/<method>")
def get_method(org: Org, hit: Hit) -> Response:
    """Return one method of an authenticator."""
    return json_response(200, _render_method(hit, *_method(org, hit)))


@ROUTER.route("POST", f"{AUTHENTICATORS}/<authenticator_id>/methods/<method>/lifecycle/activate")
def activate_method(org: Org, hit: Hit) -> Response:
    """Activate a method."""
    return _set_method(org, hit, "ACTIVE")


@ROUTER.route("POST", f"{AUTHENTICATORS}/<authenticator_id>/methods/<method>/lifecycle/deactivate")
def deactivate_method(org: Org, hit: Hit) -> Response:
    """Deactivate a method that is not the last active one."""
    one, method = _method(org, hit)
    if [row for row in one["#methods"].values() if row["status"] == "ACTIVE"] == [method]:
        refuse("method", "method: The last active method of an authenticator cannot be deactivated")
    return _set_method(org, hit, "INACTIVE")


def _set_method(org: Org, hit: Hit, status: str) -> Response:
    one, method = _method(org, hit)
    if method["status"] != status:
        method["status"] = status
        changed = {"id": method["type"], "name": method["type"]}
        targets = target("Authenticator", one), target("AuthenticatorMethod", changed)
        log(org, "security.authenticator.lifecycle.update", *targets)
    return json_response(200, _render_method(hit, one, method))
