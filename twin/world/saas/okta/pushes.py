"""Push challenges of Okta Verify: sent to a phone, approved or denied there, or left until they time out."""

from twin.world.saas.okta.factor_kinds import CODE_LIFE
from twin.world.saas.okta.log_events import outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.state import Org, Record

WAITING, SUCCESS, REJECTED, TIMEOUT = "WAITING", "SUCCESS", "REJECTED", "TIMEOUT"


def send_push(org: Org, user: Record, factor: Record, *, number: bool = False) -> Record:
    """Send a push to the user's phone; with `number` the user must pick the number that the screen shows."""
    push: Record = {
        "id": f"v2mst.{org.ids.word(22)}",
        "userId": user["id"],
        "factorId": factor["id"],
        "factorResult": WAITING,
        "expiresAt": org.later(CODE_LIFE),
        "from": org.caller.ip,
    }
    if number:
        push["number"] = org.ids.random.randrange(1, 100)
    org.pushes[push["id"]] = push
    who = target("User", user)
    log(org, "system.push.send_factor_verify_push", who, by=who, debug={"factor": "OKTA_VERIFY_PUSH"})
    return push


def result_of(org: Org, push: Record) -> str:
    """Return how a push stands now; nobody's answer comes after its time."""
    if push["factorResult"] == WAITING and push["expiresAt"] <= org.now():
        push["factorResult"] = TIMEOUT
    return str(push["factorResult"])


def waiting(org: Org, user_id: str) -> list[Record]:
    """Return the pushes that wait on a user's phone, the oldest first."""
    return [one for one in org.pushes.values() if one["userId"] == user_id and result_of(org, one) == WAITING]


def answer_push(org: Org, push: Record, *, approve: bool, number: int | None = None) -> bool:
    """Answer a push as the holder of the phone does; say whether it still waited.

    A wrong number denies it, as the app does.
    """
    if result_of(org, push) != WAITING:
        return False
    good = approve and push.get("number") in (None, number)
    push["factorResult"] = SUCCESS if good else REJECTED
    user = org.users[push["userId"]]
    if not good:
        who = target("User", user)
        log(org, "user.mfa.okta_verify.deny_push", who, by=who, outcome=outcome_of("FAILURE", "USER_REJECTED"))
    return True
