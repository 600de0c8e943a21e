"""What an authentication policy rule demands, and with which methods of a user it can be met.

Constraints are alternatives; within one, knowledge and possession must both hold. Two factors are two of knowledge,
possession and biometric. Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from twin.semantics.signon.durations import seconds
from twin.semantics.signon.proofs import BIOMETRIC, KNOWLEDGE, POSSESSION, Proof
from twin.semantics.signon.reading import choice, flag, mapping, only, rows, text, texts

Constraint = Mapping[str, Any]
TRAITS = {
    "deviceBound": "device_bound",
    "hardwareProtection": "hardware",
    "phishingResistant": "phishing_resistant",
    "userPresence": "presence",
    "userVerification": "user_verification",
}
METHOD = ("type", "factorMode", "constraints", "reauthenticateIn", "inactivityPeriod")
PART = ("types", "methods", "required", "reauthenticateIn", "authenticationMethods", "excludedAuthenticationMethods")
REQUIRED = ("OPTIONAL", "REQUIRED")


@dataclass(frozen=True, slots=True)
class Way:
    """One set of methods that meets the demands; `limits` says for each how old its proof may be, None for any age."""

    proofs: tuple[Proof, ...]
    limits: tuple[int | None, ...]

    @property
    def fresh(self) -> bool:
        """Tell whether every method of it was proved recently enough."""
        return all(
            one.age is not None and (limit is None or one.age <= limit)
            for one, limit in zip(self.proofs, self.limits, strict=True)
        )


def ways(method: Mapping[str, Any], proofs: Iterable[Proof], at: str) -> Iterator[Way]:
    """Yield the smallest sets of a user's methods that meet an ASSURANCE verification method."""
    only(method, at, METHOD)
    count = 2 if choice(method.get("factorMode"), f"{at}.factorMode", ("1FA", "2FA")) == "2FA" else 1
    general = limit_of(method, at)
    constraints = [
        _constraint(one, f"{at}.constraints") for one in rows(method.get("constraints"), f"{at}.constraints")
    ]
    held = tuple(proofs)
    found: list[Way] = []
    for size in (1, 2):
        for chosen in combinations(held, size):
            if any(set(way.proofs) <= set(chosen) for way in found):
                continue
            for constraint in constraints or [{}]:
                if _meets(constraint, chosen, count, at):
                    limits = tuple(_limit(constraint, one, general, at) for one in chosen)
                    found.append(Way(chosen, limits))
                    break
    yield from found


def _constraint(given: Any, at: str) -> Constraint:
    told = only(mapping(given, at), at, (KNOWLEDGE, POSSESSION))
    for kind in told:
        only(mapping(told[kind], f"{at}.{kind}"), f"{at}.{kind}", (*PART, *TRAITS, "userVerificationMethods"))
    return told


def limit_of(method: Mapping[str, Any], at: str) -> int | None:
    """Return after how many seconds a proof is asked for again, None when it is not while the session lives."""
    given = text(method.get("reauthenticateIn"), f"{at}.reauthenticateIn")
    return seconds(given, f"{at}.reauthenticateIn") if given else None


def _limit(constraint: Constraint, one: Proof, general: int | None, at: str) -> int | None:
    """Return the interval of the constraint that the method answers, which comes before the general one."""
    for kind in (KNOWLEDGE, POSSESSION):
        part = mapping(constraint.get(kind), f"{at}.{kind}")
        if kind in one.classes and part.get("reauthenticateIn"):
            return limit_of(part, f"{at}.{kind}")
    return general


def _meets(constraint: Constraint, chosen: tuple[Proof, ...], count: int, at: str) -> bool:
    classes = set().union(*(one.classes for one in chosen))
    if len(classes) < count or (len(chosen) > count):
        return False
    # Two methods of one class are one factor, unless one of them brings a second class by itself.
    if len(chosen) == 2 and not any(a != b for a in chosen[0].classes for b in chosen[1].classes):
        return False
    return all(_holds(constraint, kind, chosen, at) for kind in (KNOWLEDGE, POSSESSION))


def _holds(constraint: Constraint, kind: str, chosen: tuple[Proof, ...], at: str) -> bool:
    if constraint.get(kind) is None:
        return True
    part, of_kind = mapping(constraint[kind], f"{at}.{kind}"), [one for one in chosen if kind in one.classes]
    fitting = [fits(part, one, kind, f"{at}.{kind}") for one in of_kind]
    if flag(part.get("required"), f"{at}.{kind}.required") is False:
        return all(fitting)
    return any(fitting)


def fits(part: Constraint, one: Proof, kind: str, at: str) -> bool:
    """Tell whether a method is one that a knowledge or possession constraint accepts."""
    types, methods = texts(part.get("types"), f"{at}.types"), texts(part.get("methods"), f"{at}.methods")
    if (types and one.type not in map(str.upper, types)) or (methods and one.name not in map(str.upper, methods)):
        return False
    allowed, excluded = (
        [mapping(row, at) for row in rows(part.get(name), f"{at}.{name}")]
        for name in ("authenticationMethods", "excludedAuthenticationMethods")
    )
    if any(_names(row, one) for row in excluded) or (allowed and not any(_names(row, one) for row in allowed)):
        return False
    return kind != POSSESSION or _strong(part, one, at)


def _names(row: Constraint, one: Proof) -> bool:
    return row.get("key") == one.key and row.get("method", one.method) == one.method


def _strong(part: Constraint, one: Proof, at: str) -> bool:
    for name, trait in TRAITS.items():
        default = "REQUIRED" if name == "userPresence" else "OPTIONAL"
        wanted = choice(part.get(name) or default, f"{at}.{name}", REQUIRED)
        if wanted == "REQUIRED" and trait not in one.traits:
            return False
    verified = texts(part.get("userVerificationMethods"), f"{at}.userVerificationMethods")
    if not verified:
        return True
    return ("BIOMETRICS" in verified and BIOMETRIC in one.classes) or ("PIN" in verified and "pin" in one.traits)
