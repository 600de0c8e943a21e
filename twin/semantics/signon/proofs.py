"""What a user can prove with: enrolled methods, what class each is of and how strong it is."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from twin.semantics.signon.reading import flag, mapping, number, text, wrong

KNOWLEDGE, POSSESSION, BIOMETRIC = "knowledge", "possession", "biometric"


@dataclass(frozen=True, slots=True)
class Proof:
    """One method of one authenticator, as this user has it.

    `classes` are the factor types that it proves, `traits` its characteristics; `age` is how many seconds ago it was
    last proved, None for never.
    """

    key: str
    method: str
    type: str
    name: str
    classes: frozenset[str]
    traits: frozenset[str]
    age: float | None = None

    def __str__(self) -> str:
        return self.key if self.key.endswith(self.method) else f"{self.key}/{self.method}"


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "methods.json").read_text())
    return found


def proof(given: Any, at: str) -> Proof:
    """Read a method: `okta_verify/push`, `webauthn`, an object with key and method, or a factor of the Factors API.

    An object may say `hardware`, `user_verification` (true, or BIOMETRICS or PIN), `phishing_resistant` of this
    enrolment, and `age` in seconds.
    """
    told = {"key": given} if isinstance(given, str) else mapping(given, at)
    name = _name(told, at)
    row = _data()["methods"][name]
    traits = set(row["traits"])
    for trait in ("hardware", "phishing_resistant", "presence"):
        said = flag(told.get(trait), f"{at}.{trait}")
        traits = traits | {trait} if said else traits - {trait} if said is False else traits
    classes = {row["class"]}
    verified = told.get("user_verification")
    if verified not in (None, False):
        traits |= {"user_verification", "presence"}
        if row["class"] == POSSESSION and verified in (True, "BIOMETRICS"):
            classes.add(BIOMETRIC)
        elif verified == "PIN" and row["class"] == POSSESSION:
            classes.add(KNOWLEDGE)
            traits.add("pin")
    key, _, method = name.partition("/")
    age = None if told.get("age") is None else number(told["age"], f"{at}.age")
    return Proof(key, method, row["type"], row["method"], frozenset(classes), frozenset(traits), age)


def methods_of(key: str) -> tuple[str, ...]:
    """Return the methods of an authenticator, as `okta_verify/push`; none when there is no such authenticator."""
    return tuple(name for name in _data()["methods"] if name.partition("/")[0] == key)


def _name(told: Any, at: str) -> str:
    data = _data()
    if "factorType" in told:
        kind, provider = text(told["factorType"], f"{at}.factorType"), text(told.get("provider"), f"{at}.provider")
        found = data["factors"].get(f"{kind} {provider}") or data["factors"].get(kind)
        if not found:
            raise wrong(f"{at}.factorType", f"a factor that Okta knows, not {kind!r}")
        return str(found)
    key = text(told.get("key"), f"{at}.key").replace(":", "/").lower()
    method = text(told.get("method"), f"{at}.method").lower()
    wanted = f"{key}/{method}" if method else key
    found = [name for name in data["methods"] if name == wanted or name.partition("/")[0] == wanted]
    found = found or [name for name in data["methods"] if name.partition("/")[2] == wanted]
    if len(found) != 1:
        raise wrong(at, f"one authenticator method, such as okta_verify/push, not {wanted!r}")
    return str(found[0])
