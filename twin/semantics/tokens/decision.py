"""One question about one token, as a JSON object."""

from collections.abc import Mapping
from typing import Any

from twin.semantics.tokens.expectations import Expectations
from twin.semantics.tokens.keys import FixedKeys
from twin.semantics.tokens.validation import validate
from twin.semantics.tokens.verdict import Accepted

QUESTION = ("id", "token", "jwks", "expectations", "now")
LATEST = 2**53  # beyond it JSON's numbers are no longer exact
KNOWN = ("issuer", "audience", "algorithms", "leeway", "scopes", "required", "types")


def decide(question: Mapping[str, Any], now: float | None = None) -> dict[str, Any]:
    """Answer `{token, jwks, expectations, now}` with `accepted` and the claims, or the reason of the refusal.

    `now` of the question, in seconds since 1970, comes before the argument. A question that is none is a ValueError.
    """
    unknown = sorted(set(question) - set(QUESTION))
    if unknown:
        raise ValueError(f"a question has no {', '.join(unknown)}; it has {', '.join(QUESTION)}")
    token = question.get("token")
    if not isinstance(token, str):
        raise ValueError("`token` must be a string")  # noqa: TRY004 - the line is wrong, not the program
    moment = question.get("now", now)
    if isinstance(moment, bool) or not isinstance(moment, int | float) or not abs(moment) < LATEST:
        raise ValueError("`now` must be a number of seconds since 1970")
    verdict = validate(token, FixedKeys(question.get("jwks")), expectations(question.get("expectations", {})), moment)
    if isinstance(verdict, Accepted):
        return {
            "accepted": True,
            "claims": dict(verdict.claims),
            "algorithm": verdict.algorithm,
            "key_id": verdict.key_id,
        }
    return {"accepted": False, "reason": verdict.reason, "message": verdict.message}


def expectations(given: Any) -> Expectations:
    """Return expectations from JSON; `issuer` and `audience` are one or several, ValueError for what is neither."""
    if not isinstance(given, Mapping):
        raise ValueError("`expectations` must be an object")  # noqa: TRY004 - the line is wrong, not the program
    unknown = sorted(set(given) - set(KNOWN))
    if unknown:
        raise ValueError(f"`expectations` has no {', '.join(unknown)}; it has {', '.join(KNOWN)}")
    leeway = given.get("leeway", 0)
    if isinstance(leeway, bool) or not isinstance(leeway, int | float):
        raise ValueError("`leeway` must be a number of seconds")  # noqa: TRY004 - the line is wrong, not the program
    return Expectations(
        issuers=_texts(given, "issuer"),
        audiences=_texts(given, "audience"),
        algorithms=frozenset(_texts(given, "algorithms") if "algorithms" in given else ("RS256",)),
        leeway=leeway,
        scopes=frozenset(_texts(given, "scopes")),
        required=_texts(given, "required"),
        types=_texts(given, "types"),
    )


def _texts(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name, [])
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"`{name}` must be a string or a list of strings")
    return tuple(texts)
