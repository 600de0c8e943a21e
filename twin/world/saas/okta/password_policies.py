"""Which password policy is a user's, and what of a password it does not accept.

Sources: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/ and
https://help.okta.com/oie/en-us/Content/Topics/identity-engine/policies/about-password-policies.htm
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from twin.world.saas.okta.password_digests import matches
from twin.world.saas.okta.policies import of_type
from twin.world.saas.okta.state import Org, Record

SHORTEST_PART = 4
NOT_MET = "Password requirements were not met. Password requirements: "
RECENT = "Password has been used too recently"
TOO_SOON = "Password cannot be reset at this time"


def policy_for(org: Org, groups: Iterable[str], provider: str) -> Record:
    """Return the first active password policy for any of the groups; the default one is for everybody."""
    members = set(groups)
    for policy in of_type(org, "PASSWORD"):
        conditions = policy["conditions"]
        wanted = ((conditions.get("people") or {}).get("groups") or {}).get("include") or []
        source = (conditions.get("authProvider") or {}).get("provider", "OKTA")
        fits = policy["system"] or (members & set(wanted) and source in ("ANY", provider))
        if policy["status"] == "ACTIVE" and fits:
            return policy
    raise AssertionError("an org has a default password policy")


def policy_of(org: Org, user: Record) -> Record:
    """Return the password policy of a user."""
    groups = [key for key, members in org.members.items() if user["id"] in members]
    provider = user["credentials"]["provider"]["type"]
    return policy_for(org, groups, provider if provider in ("ACTIVE_DIRECTORY", "LDAP") else "OKTA")


def unmet(policy: Record, secret: str, profile: Record) -> str:
    """Return the sentence that refuses a password, empty when its complexity is enough."""
    asked = policy["settings"]["password"]["complexity"]
    if not any(_lacking(asked, secret, profile)):
        return ""
    return NOT_MET + ", ".join(_sentences(asked)) + "."


def _lacking(asked: Record, secret: str, profile: Record) -> Iterator[bool]:
    yield len(secret) < asked.get("minLength", 8)
    for name, form in (
        ("minLowerCase", "[a-z]"),
        ("minUpperCase", "[A-Z]"),
        ("minNumber", r"\d"),
        ("minSymbol", r"[^\w\s]|_"),
    ):
        yield len(re.findall(form, secret)) < asked.get(name, 0)
    folded = secret.casefold()
    if asked.get("excludeUsername"):
        yield any(part in folded for part in _parts(profile))
    for name in asked.get("excludeAttributes") or []:
        value = str(profile.get(name) or "").casefold()
        yield bool(value) and value in folded
    if (asked.get("dictionary") or {}).get("common", {}).get("exclude"):
        yield folded in _common()
    run = asked.get("maxConsecutiveCharacters")
    yield bool(run) and re.search(rf"(.)\1{{{run}}}", secret) is not None


def _parts(profile: Record) -> list[str]:
    """Return the parts of a user name that a password may not hold."""
    found = re.split(r"[.,\-_#@]", str(profile.get("login") or "").casefold())
    return [part for part in found if len(part) >= SHORTEST_PART]


@cache
def _common() -> frozenset[str]:
    held = json.loads((Path(__file__).parent / "data" / "common_passwords.json").read_text())
    return frozenset(held["passwords"])


def _sentences(asked: Record) -> Iterator[str]:
    yield f"at least {asked.get('minLength', 8)} characters"
    words = {"minLowerCase": "a lowercase letter", "minUpperCase": "an uppercase letter", "minNumber": "a number"}
    yield from (text for name, text in (words | {"minSymbol": "a symbol"}).items() if asked.get(name))
    if asked.get("excludeUsername"):
        yield "no parts of your username"
    names = {"firstName": "does not include your first name", "lastName": "does not include your last name"}
    yield from (names[name] for name in asked.get("excludeAttributes") or [])
    if (asked.get("dictionary") or {}).get("common", {}).get("exclude"):
        yield "a password that is not commonly used"
    if asked.get("maxConsecutiveCharacters"):
        yield f"no more than {asked['maxConsecutiveCharacters']} repeating characters"


def too_recent(policy: Record, user: Record, secret: str) -> str:
    """Return the sentence that refuses a password of the history, the current one among them; else nothing."""
    age = policy["settings"]["password"]["age"]
    count = age.get("historyCount", 0)
    held = [user["#password"]] if "#password" in user else []
    past = [*user.get("#history", []), *held][-count:] if count else []
    return RECENT if any(matches(one, secret) for one in past) else ""


def too_soon(policy: Record, user: Record, now: datetime) -> str:
    """Return the sentence that refuses a change before the password's least age is over."""
    least = policy["settings"]["password"]["age"].get("minAgeMinutes", 0)
    if not least or not user["passwordChanged"]:
        return ""
    return TOO_SOON if now < instant(user["passwordChanged"]) + timedelta(minutes=least) else ""


def expires_at(policy: Record, user: Record) -> datetime | None:
    """Return when a user's password expires by age, None for never."""
    days = policy["settings"]["password"]["age"].get("maxAgeDays", 0)
    if not days or not user["passwordChanged"]:
        return None
    return instant(user["passwordChanged"]) + timedelta(days=days)


def instant(text: str) -> datetime:
    """Return the instant that a record's timestamp tells."""
    return datetime.fromisoformat(text)
