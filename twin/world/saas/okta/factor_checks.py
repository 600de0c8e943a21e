"""Challenging and checking a factor: codes that are sent, codes of a device, answers, pushes."""

from datetime import timedelta

from twin.world.equal import same
from twin.world.saas.okta import totp
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.factor_kinds import CODE_LIFE, kind_of
from twin.world.saas.okta.lockout import failed
from twin.world.saas.okta.log_events import outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.one_time_tokens import mail
from twin.world.saas.okta.password_digests import matches
from twin.world.saas.okta.password_policies import instant
from twin.world.saas.okta.state import Org, Record

WRONG_CODE = "Your passcode doesn't match our records. Please try again."
WRONG_ANSWER = "Your answer doesn't match our records. Please try again."


def send_code(org: Org, user: Record, factor: Record, *, life: int = CODE_LIFE) -> None:
    """Send a new code to the phone or the mailbox of a factor; who asks again too soon is told to wait."""
    kind = kind_of(factor)
    last = factor.get("#code")
    if last and org.clock.now() < instant(last["sentAt"]) + timedelta(seconds=kind.pause):
        raise OktaError(kind.hasty)
    code = org.ids.word(kind.digits, "0123456789")
    factor["#code"] = {"code": code, "sentAt": org.now(), "expiresAt": org.later(life)}
    mail(org, user, kind.type, code=code, factorId=factor["id"])
    who = target("User", user)
    log(org, kind.event, who, by=who)


def check_factor(org: Org, user: Record, factor: Record, body: Record) -> None:
    """Accept the code or the answer of a request, or refuse it with the vendor's error and count the failure."""
    if user["status"] == "LOCKED_OUT":
        raise OktaError("E0000069", causes=["Maximum number of unlock attempts exceeded."])
    refusal = _refusal(org, factor, body)
    kind, who = kind_of(factor), target("User", user)
    debug = {"factor": f"{kind.provider}_{kind.type}".upper().replace(":", "_")}
    if refusal is None:
        log(org, "user.authentication.auth_via_mfa", who, by=who, debug=debug)
        return
    wrong = outcome_of("FAILURE", "INVALID_CREDENTIALS")
    log(org, "user.authentication.auth_via_mfa", who, by=who, debug=debug, outcome=wrong)
    failed(org, user)
    raise refusal


def _refusal(org: Org, factor: Record, body: Record) -> OktaError | None:
    kind = kind_of(factor)
    if kind.type == "question":
        answer = body.get("answer")
        good = isinstance(answer, str) and matches(factor["#answer"], answer.casefold())
        return None if good else OktaError("E0000068", causes=[WRONG_ANSWER])
    code = str(body.get("passCode") or "")
    if kind.type == "token:software:totp":
        return _totp_refusal(org, factor, code)
    sent = factor.get("#code")
    if not sent or sent["expiresAt"] <= org.now() or not same(sent["code"], code):
        return OktaError("E0000068", causes=[WRONG_CODE])
    del factor["#code"]
    return None


def _totp_refusal(org: Org, factor: Record, code: str) -> OktaError | None:
    now = org.clock.now()
    step = totp.step_that_fits(factor["#secret"], code, now, off=totp.TOLERANCE)
    if step is not None and step <= factor.get("#step", -1):
        return OktaError("E0000082")
    if step is not None:
        factor["#step"] = step
        return None
    if totp.step_that_fits(factor["#secret"], code, now, off=totp.TOLD_LATE) is not None:
        return OktaError("E0000083")
    return OktaError("E0000068", causes=[WRONG_CODE])
