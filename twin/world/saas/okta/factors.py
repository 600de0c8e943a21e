"""The factors of users: offered, enrolled, activated, listed and taken away."""

import re
from typing import Any

from twin.wire import Response
from twin.world.saas.okta.body import flag, object_of, verify
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.factor_checks import check_factor, send_code
from twin.world.saas.okta.factor_kinds import KINDS, QUESTIONS, kind_of, offered
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.password_digests import kept
from twin.world.saas.okta.pushes import answer_push, result_of, send_push
from twin.world.saas.okta.shapes import READ_ONLY, anything, open_record, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.okta.users import find_user
from twin.world.saas.okta.webauthn import challenge, register
from twin.world.saas.router import Hit, json_response

FACTORS = "/api/v1/users/<key>/factors"
ENROL = record(
    "factorType provider", **READ_ONLY, factorType=text(least=1), provider=text(least=1), profile=open_record(),
    vendorName=anything,
)  # fmt: skip
PHONE = r"\+[1-9]\d{1,14}"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ACTIVATION = 600  # seconds in which a push enrolment can be finished


def render_factor(hit: Hit, user_id: str, factor: Record) -> Record:
    """Return a factor with the links that its status opens; while it awaits activation, with what that needs."""
    href = f"{base(hit)}/api/v1/users/{user_id}"
    own = f"{href}/factors/{factor['id']}"
    shown = {name: value for name, value in factor.items() if not name.startswith("#")}
    links: Record = {"self": link(own, "GET", "DELETE"), "user": link(href, "GET")}
    kind, pending = kind_of(factor), factor["status"] == "PENDING_ACTIVATION"
    if kind.type == "question":
        links["questions"] = link(f"{href}/factors/questions", "GET")
    elif pending and kind.type == "push":
        links["poll"] = link(f"{own}/lifecycle/activate/poll", "POST")
    elif pending:
        links["activate"] = link(f"{own}/lifecycle/activate", "POST")
    if pending and kind.digits:
        links["resend"] = {"name": kind.type, **link(f"{own}/resend", "POST")}
    if not pending:
        links["verify"] = link(f"{own}/verify", "POST")
    if pending and "#activation" in factor:
        shown["_embedded"] = {"activation": factor["#activation"]}
    return {**shown, "_links": links}


@ROUTER.route("GET", FACTORS)
def list_factors(org: Org, hit: Hit) -> Response:
    """List the factors of a user."""
    user = find_user(org, hit.path["key"])
    rows = org.factors.get(user["id"], {}).values()
    return json_response(200, [render_factor(hit, user["id"], one) for one in rows])


@ROUTER.route("GET", f"{FACTORS}/catalog")
def list_supported_factors(org: Org, hit: Hit) -> Response:
    """List the factors that a user may enrol, and how those that are enrolled stand."""
    user = find_user(org, hit.path["key"])
    held = {(one["factorType"], one["provider"]): one["status"] for one in org.factors.get(user["id"], {}).values()}
    href = f"{base(hit)}/api/v1/users/{user['id']}/factors"
    rows = [
        {
            "factorType": kind.type,
            "provider": kind.provider,
            "vendorName": kind.provider,
            "status": held.get((kind.type, kind.provider), "NOT_SETUP"),
            "enrollment": enrollment,
            "_links": {"enroll": link(href, "POST")},
        }
        for kind in KINDS
        if (enrollment := offered(org, user, kind))
    ]
    return json_response(200, rows)


@ROUTER.route("GET", f"{FACTORS}/questions")
def list_questions(org: Org, hit: Hit) -> Response:
    """List the questions that a question factor can ask."""
    find_user(org, hit.path["key"])
    return json_response(200, [{"question": key, "questionText": words} for key, words in QUESTIONS.items()])


@ROUTER.route("POST", FACTORS)
def enroll_factor(org: Org, hit: Hit) -> Response:
    """Enrol a user in a factor; what sends a code or pairs a device awaits its activation."""
    user, activate, body = find_user(org, hit.path["key"]), flag(hit, "activate", False), object_of(hit)
    return json_response(200, render_factor(hit, user["id"], enroll(org, user, body, activate=activate)))


def enroll(org: Org, user: Record, body: Record, *, activate: bool = False) -> Record:
    """Add a factor to a user."""
    verify(body, ENROL, "factor")
    kind = kind_of(body)
    if user["status"] not in ("ACTIVE", "PROVISIONED", "STAGED", "PASSWORD_EXPIRED"):
        raise OktaError("E0000038")
    if not offered(org, user, kind):
        raise OktaError("E0000015")
    table = org.factors.setdefault(user["id"], {})
    old = [one for one in table.values() if (one["factorType"], one["provider"]) == (kind.type, kind.provider)]
    if any(one["status"] == "ACTIVE" for one in old) and kind.type != "webauthn":
        refuse("factorType", "factorType: A factor of this type is already set up.")
    for one in old:
        if one["status"] == "PENDING_ACTIVATION":
            del table[one["id"]]
    factor = org.new(kind.prefix, factorType=kind.type, provider=kind.provider, vendorName=kind.provider)
    factor |= {"status": "PENDING_ACTIVATION", "profile": {}}
    _begin(org, user, factor, body.get("profile", {}))
    table[factor["id"]] = factor
    if kind.type == "question" or (activate and kind.digits):
        set_active(org, user, factor)
    elif kind.digits:
        send_code(org, user, factor)
    return factor


def _begin(org: Org, user: Record, factor: Record, profile: dict[str, Any]) -> None:
    """Fill what a factor of its kind holds before it is activated."""
    kind, login = kind_of(factor), user["profile"]["login"]
    if kind.type == "question":
        _question(factor, profile, org.now())
    elif kind.authenticator == "phone_number":
        number = re.sub(r"[\s().-]", "", str(profile.get("phoneNumber", "")))
        if not re.fullmatch(PHONE, number):
            refuse("phoneNumber", "phoneNumber: This phone number is invalid.")
        factor["profile"] = {"phoneNumber": number}
    elif kind.type == "email":
        mails = [user["profile"].get(name) for name in ("email", "secondEmail")]
        address = profile.get("email", mails[0])
        if address not in mails:
            refuse("email", "email: The address must be one of the user's own")
        factor["profile"] = {"email": address}
    elif kind.type == "push":
        factor["#pairing"] = send_push(org, user, factor)["id"]
        factor["#activation"] = {"expiresAt": org.later(ACTIVATION), "factorResult": "WAITING"}
    elif kind.type == "webauthn":
        factor["#activation"] = challenge(org, user)
    else:
        factor["#secret"] = org.ids.word(16, BASE32)
        factor["profile"] = {"credentialId": login}
        shared = {"timeStep": 30, "sharedSecret": factor["#secret"], "encoding": "base32", "keyLength": 6}
        factor["#activation"] = shared


def _question(factor: Record, profile: dict[str, Any], now: str) -> None:
    key, answer = profile.get("question"), profile.get("answer")
    if key not in QUESTIONS:
        refuse("question", f"question: '{key}' is not one of the questions")
    if not isinstance(answer, str) or len(answer) < 4:
        refuse("answer", "answer: The answer must have at least 4 characters")
    factor["profile"] = {"question": key, "questionText": QUESTIONS[str(key)]}
    factor["#answer"] = kept(answer.casefold(), f"{factor['id']}:{now}")


def set_active(org: Org, user: Record, factor: Record) -> None:
    """Finish the enrolment of a factor."""
    factor["status"] = "ACTIVE"
    factor.pop("#activation", None)
    org.touch(factor)
    kind = kind_of(factor)
    debug = {"factor": f"{kind.provider}_{kind.type}".upper().replace(":", "_")}
    log(org, "user.mfa.factor.activate", target("User", user), debug=debug)


def activate_by(org: Org, user: Record, factor: Record, body: Record) -> None:
    """Activate a factor with what its kind asks for: a code, or the attestation of a security key."""
    if factor["status"] != "PENDING_ACTIVATION":
        raise OktaError("E0000079")
    kind = kind_of(factor)
    if kind.type == "webauthn":
        factor["#key"], factor["profile"] = register(factor["#activation"], body, org.url)
    elif kind.type == "push":
        return
    else:
        check_factor(org, user, factor, body)
    set_active(org, user, factor)


def pairing_result(org: Org, user: Record, factor: Record) -> str:
    """Return how the pairing of a phone stands; once it is approved the factor is active."""
    if factor["status"] == "ACTIVE":
        return "SUCCESS"
    result = result_of(org, org.pushes[factor["#pairing"]])
    if result == "SUCCESS":
        factor["profile"] = {"credentialId": user["profile"]["login"], "deviceType": "SmartPhone_IPhone",
                             "name": "Phone", "platform": "IOS", "version": "9.0"}  # fmt: skip
        set_active(org, user, factor)
    return result


def pair_phone(org: Org, user: Record, factor: Record) -> None:
    """Scan the code of a push enrolment with a phone."""
    answer_push(org, org.pushes[factor["#pairing"]], approve=True)
    pairing_result(org, user, factor)


def find_factor(org: Org, hit: Hit) -> tuple[Record, Record]:
    """Return the user and the factor that the path names."""
    user = find_user(org, hit.path["key"])
    return user, find(org.factors.get(user["id"], {}), hit.path["factor_id"], "UserFactor")


@ROUTER.route("GET", f"{FACTORS}/<factor_id>")
def get_factor(org: Org, hit: Hit) -> Response:
    """Return one factor."""
    user, factor = find_factor(org, hit)
    return json_response(200, render_factor(hit, user["id"], factor))


@ROUTER.route("DELETE", f"{FACTORS}/<factor_id>")
def unenroll_factor(org: Org, hit: Hit) -> Response:
    """Take a factor from a user."""
    user, factor = find_factor(org, hit)
    del org.factors[user["id"]][factor["id"]]
    log(org, "user.mfa.factor.deactivate", target("User", user), debug={"factor": factor["factorType"]})
    return Response(204)


@ROUTER.route("POST", "/api/v1/users/<key>/lifecycle/reset_factors")
def reset_factors(org: Org, hit: Hit) -> Response:
    """Take all factors from a user, who can then enrol anew."""
    user = find_user(org, hit.path["key"])
    if user["status"] in ("DEPROVISIONED",):
        raise OktaError("E0000038")
    org.factors.pop(user["id"], None)
    log(org, "user.mfa.factor.reset_all", target("User", user))
    return Response(200)
