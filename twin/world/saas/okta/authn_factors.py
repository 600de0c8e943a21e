"""The second step of a sign-in: a factor is chosen, challenged and proved, or enrolled when none is there."""

from twin.wire import Response
from twin.world.saas.okta.body import flag, object_of
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.factor_checks import send_code
from twin.world.saas.okta.factor_kinds import kind_of
from twin.world.saas.okta.factor_verification import check_proof, log_push
from twin.world.saas.okta.factors import activate_by, enroll, pairing_result
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.pushes import SUCCESS, WAITING, result_of, send_push
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.okta.transactions import AUTHN, advance, find_transaction, proved, render_authn_factor, state
from twin.world.saas.router import Hit, json_response

FACTOR = f"{AUTHN}/factors/<factor_id>"


def _step(org: Org, hit: Hit, *states: str) -> tuple[Record, Record, Record, Record]:
    body = object_of(hit)
    transaction, user = find_transaction(org, body, *states)
    factor = find(org.factors.get(user["id"], {}), hit.path["factor_id"], "UserFactor")
    return body, transaction, user, factor


@ROUTER.route("POST", f"{FACTOR}/verify")
def verify(org: Org, hit: Hit) -> Response:
    """Challenge a factor, poll its push, or check what was given; who passes goes on."""
    body, transaction, user, factor = _step(org, hit, "MFA_REQUIRED", "MFA_CHALLENGE")
    if factor["status"] != "ACTIVE":
        raise OktaError("E0000079")
    kind = kind_of(factor)
    if kind.type == "push":
        result = _push(org, transaction, user, factor)
        if result != SUCCESS:
            return json_response(200, _challenge(org, hit, transaction, factor, result=result))
    elif kind.digits and "passCode" not in body:
        send_code(org, user, factor)
        return json_response(200, _challenge(org, hit, transaction, factor))
    elif kind.type == "webauthn" and "signatureData" not in body:
        factor["#nonce"] = org.ids.word(20)
        return json_response(200, _challenge(org, hit, transaction, factor))
    else:
        check_proof(org, user, factor, body)
    if flag(hit, "rememberDevice", False) and transaction["device"]:
        user.setdefault("#devices", {})[transaction["device"]] = org.now()
    proved(org, transaction, factor)
    return json_response(200, advance(org, hit, transaction))


def _push(org: Org, transaction: Record, user: Record, factor: Record) -> str:
    """Return how the push of a transaction stands; without one, or after it ended, send another."""
    waiting = transaction.get("push")
    if transaction["status"] != "MFA_CHALLENGE" or waiting is None or transaction["factor"] != factor["id"]:
        transaction |= {"push": send_push(org, user, factor)["id"], "factor": factor["id"]}
        return WAITING
    result = result_of(org, org.pushes[waiting])
    if result != WAITING:
        transaction["push"] = None
        log_push(org, user, result)
    return result


def _challenge(org: Org, hit: Hit, transaction: Record, factor: Record, *, result: str = "") -> Record:
    transaction["factor"] = factor["id"]
    kind = kind_of(factor)
    told = state(org, hit, transaction, "MFA_CHALLENGE", **({"factorResult": result} if result else {}))
    href = f"{base(hit)}{AUTHN}/factors/{factor['id']}/verify"
    embedded = render_authn_factor(hit, factor)
    if kind.type == "webauthn":
        embedded["_embedded"] = {"challenge": {"challenge": factor["#nonce"]}}
    told["_embedded"]["factor"] = embedded
    name = "poll" if kind.type == "push" else "verify"
    told["_links"]["next"] = {"name": name, **link(href, "POST")}
    told["_links"]["prev"] = link(f"{base(hit)}{AUTHN}/previous", "POST")
    if kind.digits or kind.type == "push":
        told["_links"]["resend"] = [{"name": kind.type, **link(f"{href}/resend", "POST")}]
    return told


@ROUTER.route("POST", f"{FACTOR}/verify/resend")
def resend(org: Org, hit: Hit) -> Response:
    """Send the challenge of a factor again."""
    _, transaction, user, factor = _step(org, hit, "MFA_CHALLENGE")
    if kind_of(factor).type == "push":
        transaction |= {"push": send_push(org, user, factor)["id"], "factor": factor["id"]}
        return json_response(200, _challenge(org, hit, transaction, factor, result=WAITING))
    if not kind_of(factor).digits:
        raise OktaError("E0000079")
    send_code(org, user, factor)
    return json_response(200, _challenge(org, hit, transaction, factor))


@ROUTER.route("POST", f"{AUTHN}/factors")
def enroll_in_transaction(org: Org, hit: Hit) -> Response:
    """Enrol a factor that the sign-in cannot go on without."""
    body = object_of(hit)
    transaction, user = find_transaction(org, body, "MFA_ENROLL")
    factor = enroll(org, user, {name: value for name, value in body.items() if name != "stateToken"})
    if factor["status"] == "ACTIVE":
        return _enrolled(org, hit, transaction, factor)
    told = state(org, hit, transaction, "MFA_ENROLL_ACTIVATE")
    return json_response(200, _awaiting(hit, told, factor))


def _awaiting(hit: Hit, told: Record, factor: Record) -> Record:
    shown = {name: factor[name] for name in ("id", "factorType", "provider", "vendorName", "profile")}
    if "#activation" in factor:
        shown["_embedded"] = {"activation": factor["#activation"]}
    told["_embedded"]["factor"] = shown
    href = f"{base(hit)}{AUTHN}/factors/{factor['id']}/lifecycle/activate"
    push = kind_of(factor).type == "push"
    told["_links"]["next"] = {"name": "poll" if push else "activate", **link(f"{href}/poll" if push else href, "POST")}
    return told


def _enrolled(org: Org, hit: Hit, transaction: Record, factor: Record) -> Response:
    proved(org, transaction, factor)
    return json_response(200, advance(org, hit, transaction))


@ROUTER.route("POST", f"{FACTOR}/lifecycle/activate")
def activate_in_transaction(org: Org, hit: Hit) -> Response:
    """Finish the enrolment of a sign-in; what activates a factor proves it."""
    body, transaction, user, factor = _step(org, hit, "MFA_ENROLL_ACTIVATE")
    activate_by(org, user, factor, body)
    return _enrolled(org, hit, transaction, factor)


@ROUTER.route("POST", f"{FACTOR}/lifecycle/activate/poll")
def poll_in_transaction(org: Org, hit: Hit) -> Response:
    """Tell how the pairing of a phone stands; once it is paired the sign-in goes on."""
    _, transaction, user, factor = _step(org, hit, "MFA_ENROLL_ACTIVATE")
    if kind_of(factor).type != "push":
        raise OktaError("E0000079")
    result = pairing_result(org, user, factor)
    if result == SUCCESS:
        return _enrolled(org, hit, transaction, factor)
    told = state(org, hit, transaction, "MFA_ENROLL_ACTIVATE", factorResult=result)
    return json_response(200, _awaiting(hit, told, factor))
