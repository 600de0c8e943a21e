"""Setting a password: what the policy accepts is kept with its history, what it does not is refused."""

from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.password_digests import kept, matches
from twin.world.saas.okta.password_policies import policy_of, too_recent, too_soon, unmet
from twin.world.saas.okta.state import Org, Record

REMEMBERED = 30  # the greatest history that a policy can ask for


def check_new(org: Org, policy: Record, given: Record, profile: Record) -> None:
    """Refuse a password in clear that the policy does not accept, as the Users API does."""
    if "value" in given:
        sentence = unmet(policy, given["value"], profile)
        if sentence:
            refuse("password", f"password: {sentence}")


def set_password(org: Org, user: Record, given: Record) -> None:
    """Keep a password, in clear or as an imported hash."""
    if "#password" in user:
        user["#history"] = [*user.get("#history", []), user["#password"]][-REMEMBERED:]
    salt = f"{user['id']}:{org.now()}"
    user["#password"] = kept(given["value"], salt) if "value" in given else dict(given)
    user["#failures"] = 0
    user["passwordChanged"] = org.now()
    user["credentials"]["password"] = {}


def knows(user: Record, secret: object) -> bool:
    """Tell whether a secret is the user's password."""
    return isinstance(secret, str) and "#password" in user and matches(user["#password"], secret)


def replace_password(org: Org, user: Record, secret: str, *, code: str = "E0000014", strict: bool = True) -> None:
    """Set a password that the user chose; what complexity, history or least age forbid is refused with `code`."""
    policy = policy_of(org, user)
    sentence = unmet(policy, secret, user["profile"])
    if strict:
        sentence = sentence or too_recent(policy, user, secret) or too_soon(policy, user, org.clock.now())
    if sentence:
        raise OktaError(code, causes=[sentence])
    set_password(org, user, {"value": secret})
