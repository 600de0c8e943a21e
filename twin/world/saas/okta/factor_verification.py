"""Verifying a factor of a user: challenges, codes, pushes that are polled, messages that are sent again."""

from twin.wire import Response
from twin.world.saas.okta.body import object_of, verify
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.factor_checks import check_factor, send_code
from twin.world.saas.okta.factor_kinds import CODE_LIFE, kind_of
from twin.world.saas.okta.factors import FACTORS, activate_by, find_factor, pairing_result, render_factor
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.pushes import WAITING, result_of, send_push
from twin.world.saas.okta.shapes import boolean, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.okta.webauthn import check_assertion
from twin.world.saas.router import Hit, json_response

VERIFY = record(
    passCode=text(), answer=text(), clientData=text(), signatureData=text(), authenticatorData=text(),
    attestation=text(), useNumberMatchingChallenge=boolean,
)  # fmt: skip


def _body(hit: Hit) -> Record:
    body = object_of(hit) if hit.request.body else {}
    verify(body, VERIFY, "factor")
    return body


@ROUTER.route("POST", f"{FACTORS}/<factor_id>/lifecycle/activate")
def activate_factor(org: Org, hit: Hit) -> Response:
    """Finish an enrolment with the code that was sent, or that the device shows."""
    user, factor = find_factor(org, hit)
    activate_by(org, user, factor, _body(hit))
    return json_response(200, render_factor(hit, user["id"], factor))


@ROUTER.route("POST", f"{FACTORS}/<factor_id>/lifecycle/activate/poll")
def poll_activation(org: Org, hit: Hit) -> Response:
    """Tell how the pairing of a phone stands."""
    user, factor = find_factor(org, hit)
    if kind_of(factor).type != "push":
        raise OktaError("E0000079")
    result = pairing_result(org, user, factor)
    if result == "SUCCESS":
        return json_response(200, render_factor(hit, user["id"], factor))
    return json_response(200, {**factor["#activation"], "factorResult": result})


@ROUTER.route("POST", f"{FACTORS}/<factor_id>/verify")
def verify_factor(org: Org, hit: Hit) -> Response:
    """Check a code or an answer; without one, send a challenge."""
    user, factor = find_factor(org, hit)
    body = _body(hit)
    if factor["status"] != "ACTIVE":
        raise OktaError("E0000079")
    kind = kind_of(factor)
    if kind.type == "push":
        push = send_push(org, user, factor, number=bool(body.get("useNumberMatchingChallenge")))
        return json_response(201, _push(hit, user, factor, push))
    if kind.type == "webauthn" and "signatureData" not in body:
        factor["#nonce"] = org.ids.word(20)
        embedded = {"challenge": {"challenge": factor["#nonce"], "extensions": {}}}
        return json_response(200, _challenged(hit, user, factor) | {"_embedded": embedded})
    if kind.digits and "passCode" not in body:
        send_code(org, user, factor, life=_life(hit))
        return json_response(200, _challenged(hit, user, factor))
    check_proof(org, user, factor, body)
    return json_response(200, {"factorResult": "SUCCESS"})


def check_proof(org: Org, user: Record, factor: Record, body: Record) -> None:
    """Accept the proof of any factor that is not a push, or refuse it."""
    if kind_of(factor).type != "webauthn":
        check_factor(org, user, factor, body)
        return
    who = target("User", user)
    check_assertion(factor, factor.pop("#nonce", ""), body, org.url)
    log(org, "user.authentication.auth_via_mfa", who, by=who, debug={"factor": "FIDO_WEBAUTHN"})


def _life(hit: Hit) -> int:
    given = hit.query.get("tokenLifetimeSeconds", "")
    return int(given) if given.isdecimal() and 1 <= int(given) <= 86_400 else CODE_LIFE


def _href(hit: Hit, user: Record, factor: Record) -> str:
    return f"{base(hit)}/api/v1/users/{user['id']}/factors/{factor['id']}"


def _challenged(hit: Hit, user: Record, factor: Record) -> Record:
    href = _href(hit, user, factor)
    links = {"verify": link(f"{href}/verify", "POST"), "factor": link(href, "GET", "DELETE")}
    return {"factorResult": "CHALLENGE", "_links": links}


def _push(hit: Hit, user: Record, factor: Record, push: Record) -> Record:
    href = _href(hit, user, factor)
    at = f"{href}/transactions/{push['id']}"
    if push["factorResult"] == "SUCCESS":
        return {"factorResult": "SUCCESS"}
    if push["factorResult"] != WAITING:
        # The vendor's reply links to the factor too, which the official SDK 3.4.6 cannot parse.
        links = {"verify": link(f"{href}/verify", "POST")}
        return {"factorResult": push["factorResult"], "profile": _credential(factor), "_links": links}
    told = {"expiresAt": push["expiresAt"], "factorResult": WAITING}
    told |= {"_links": {"poll": link(at, "GET"), "cancel": link(at, "DELETE")}}
    if "number" in push:
        told["_embedded"] = {"challenge": {"correctAnswer": push["number"]}}
    return told


def _credential(factor: Record) -> Record:
    return {"credentialId": factor["profile"].get("credentialId", "")}


@ROUTER.route("GET", f"{FACTORS}/<factor_id>/transactions/<transaction_id>")
def get_transaction(org: Org, hit: Hit) -> Response:
    """Tell how a push stands: WAITING, SUCCESS, REJECTED or TIMEOUT."""
    user, factor = find_factor(org, hit)
    push = find(org.pushes, hit.path["transaction_id"], "FactorTransaction")
    if push["factorId"] != factor["id"]:
        raise OktaError("E0000191")
    before = push["factorResult"]
    result = result_of(org, push)
    if result != WAITING and not push.get("told"):
        push["told"] = True
        log_push(org, user, "TIMEOUT" if before == WAITING else result)
    return json_response(200, _push(hit, user, factor, push))


def log_push(org: Org, user: Record, result: str) -> None:
    """Log how a push ended."""
    who = target("User", user)
    outcome = None if result == "SUCCESS" else outcome_of("FAILURE", {"REJECTED": "USER_REJECTED"}.get(result, result))
    debug = {"factor": "OKTA_VERIFY_PUSH"}
    log(org, "user.authentication.auth_via_mfa", who, by=who, debug=debug, outcome=outcome)


@ROUTER.route("POST", f"{FACTORS}/<factor_id>/resend")
def resend_code(org: Org, hit: Hit) -> Response:
    """Send a code again; who asks too soon is told to wait."""
    user, factor = find_factor(org, hit)
    if not kind_of(factor).digits:
        raise OktaError("E0000079")
    send_code(org, user, factor)
    return json_response(200, render_factor(hit, user["id"], factor))
