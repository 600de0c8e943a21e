"""Filter policies of SNS subscriptions: checked when they are written, judged on a message's attributes or its body.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

import ipaddress
import json
from collections.abc import Iterator, Mapping
from typing import Any

from twin.semantics.events.pattern import ABSENT, MATCHERS, OR

BODY, ATTRIBUTES = "MessageBody", "MessageAttributes"
# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MOST_KEYS, MOST_COMBINATIONS = 5, 150
# Numbers are told apart by five digits after the point.
PRECISION = 0.000001
TEXTS = ("prefix", "suffix", "equals-ignore-case", "wildcard")
BUT = ("prefix", "suffix", "wildcard")


class FilterPolicyError(ValueError):
    """A filter policy that SNS would not take; its text says why."""


def read_filter(text: str, scope: str) -> dict[str, Any]:
    """Read and check a filter policy; FilterPolicyError when it is none."""
    try:
        policy = json.loads(text)
    except ValueError:
        raise FilterPolicyError("FilterPolicy: failed to parse JSON.") from None
    if not isinstance(policy, dict):
        raise FilterPolicyError("FilterPolicy: Filter is not an object")
    if len(policy) > MOST_KEYS:
        raise FilterPolicyError("FilterPolicy: Filter policy can not have more than 5 keys")
    if _combinations(policy, scope, depth=1) > MOST_COMBINATIONS:
        raise FilterPolicyError("FilterPolicy: Filter policy is too complex")
    return policy


def _combinations(policy: Any, scope: str, *, depth: int) -> int:
    """Count the combinations of a policy's values, and check each."""
    if not isinstance(policy, dict):
        raise FilterPolicyError("FilterPolicy: Filter is not an object")
    found = 1
    for name, wanted in policy.items():
        if isinstance(wanted, dict):
            if scope != BODY:
                raise FilterPolicyError("Filter policy scope MessageAttributes does not support nested filter policy")
            found *= _combinations(wanted, scope, depth=depth + 1)
        elif not isinstance(wanted, list):
            raise FilterPolicyError(f'FilterPolicy: "{name}" must be an object or an array')
        elif not wanted:
            raise FilterPolicyError("FilterPolicy: Empty arrays are not allowed")
        elif name == OR:
            found *= sum(_combinations(one, scope, depth=depth) for one in wanted)
        else:
            for rule in wanted:
                _check(rule)
            found *= len(wanted) * depth
    return found


def _check(rule: Any) -> None:
    if isinstance(rule, list):
        raise FilterPolicyError("FilterPolicy: Match value must be String, number, true, false, or null")
    if not isinstance(rule, dict):
        return
    if len(rule) != 1:
        raise FilterPolicyError("FilterPolicy: Only one key allowed in match expression")
    kind, wanted = next(iter(rule.items()))
    if kind not in MATCHERS and kind != "exists":
        raise FilterPolicyError(f"FilterPolicy: Unrecognized match type {kind}")
    if kind == "exists" and not isinstance(wanted, bool):
        raise FilterPolicyError("FilterPolicy: exists match pattern must be either true or false.")
    if kind in TEXTS and not isinstance(wanted, str):
        raise FilterPolicyError(f"FilterPolicy: {kind} match pattern must be a string")
    if kind == "numeric":
        _check_range(wanted)
    elif kind == "cidr":
        _check_network(wanted)
    elif kind == "anything-but":
        _check_exclusion(wanted)


def _check_exclusion(wanted: Any) -> None:
    if isinstance(wanted, dict):
        if (kind := next((one for one in wanted if one not in BUT), None)) is not None:
            raise FilterPolicyError(f"FilterPolicy: Unsupported anything-but pattern: {kind}")
        _check(wanted)
        return
    for value in wanted if isinstance(wanted, list) else [wanted]:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise FilterPolicyError("FilterPolicy: Inside anything but list, start|null|boolean is not supported.")


def _check_network(wanted: Any) -> None:
    if not isinstance(wanted, str):
        raise FilterPolicyError("FilterPolicy: prefix match pattern must be a string")
    address, slash, mask = wanted.partition("/")
    if not slash or "/" in mask:
        raise FilterPolicyError("FilterPolicy: Malformed CIDR, one '/' required")
    if not mask.isdigit():
        raise FilterPolicyError("FilterPolicy: Malformed CIDR, mask bits must be an integer")
    try:
        ipaddress.ip_network(wanted)
    except ValueError:
        raise FilterPolicyError(f"FilterPolicy: Nonstandard IP address: {address}") from None


def _check_range(wanted: Any) -> None:
    """Check a comparison with one bound, or with a lower and then an upper one."""
    terms = wanted if isinstance(wanted, list) else []
    first = terms[0] if terms else "]"
    if not isinstance(first, str) or first == "]":
        raise FilterPolicyError(f"FilterPolicy: Invalid member in numeric match: {first}")
    if first not in ("<", "<=", "=", ">", ">="):
        raise FilterPolicyError(f"FilterPolicy: Unrecognized numeric range operator: {first}")
    _check_bound(first, terms[1:2])
    if len(terms) == 2:
        return
    if first not in (">", ">="):
        raise FilterPolicyError("FilterPolicy: Too many elements in numeric expression")
    if terms[2] not in ("<", "<="):
        raise FilterPolicyError(f"FilterPolicy: Bad numeric range operator: {terms[2]}")
    _check_bound(terms[2], terms[3:4])
    if terms[3] <= terms[1]:
        raise FilterPolicyError("FilterPolicy: Bottom must be less than top")
    if len(terms) > 4:
        raise FilterPolicyError("FilterPolicy: Too many terms in numeric range expression")


def _check_bound(sign: str, bound: list[Any]) -> None:
    if not bound or not _is_number(bound[0]):
        raise FilterPolicyError(f"FilterPolicy: Value of {'equals' if sign == '=' else sign} must be numeric")


def filter_matches(policy: Mapping[str, Any], scope: str, attributes: Mapping[str, Any], message: str) -> bool:
    """Tell whether a message meets every key of a filter policy, by its attributes or as the JSON object that it is."""
    if scope == BODY:
        try:
            body = json.loads(message)
        except ValueError:
            return False
        return isinstance(body, dict) and _matches(policy, body)
    values = dict(_values(attributes))
    # What wants an attribute to be absent still wants another one.
    return bool(values) and _matches(policy, values)


def _values(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each attribute with its value as a policy sees it; binary ones are not seen."""
    for name, told in attributes.items():
        kind, value = str(told["Type"]), told["Value"]
        if kind == "String.Array":
            try:
                yield name, json.loads(value)
            except ValueError:
                yield name, value
        elif kind.startswith("Number"):
            yield name, float(value)
        elif kind.startswith("String"):
            yield name, value


def _matches(policy: Mapping[str, Any], body: Any) -> bool:
    if isinstance(body, list):
        return any(_matches(policy, one) for one in body)
    for name, wanted in policy.items():
        found = body.get(name, ABSENT) if isinstance(body, dict) else ABSENT
        if name == OR and isinstance(wanted, list):
            held = any(_matches(one, body) for one in wanted)
        elif isinstance(wanted, dict):
            held = _matches(wanted, {} if found is ABSENT else found)
        else:
            held = any(_rule(rule, found) for rule in wanted)
        if not held:
            return False
    return True


def _rule(rule: Any, found: Any) -> bool:
    kind, wanted = next(iter(rule.items())) if isinstance(rule, dict) else ("", rule)
    if kind == "exists":
        there = found is not ABSENT and not isinstance(found, dict)
        return there is wanted and (not wanted or found not in (None, "", []))
    if found is ABSENT:
        return False
    values = found if isinstance(found, list) else [found]
    if not kind:
        return any(_same(wanted, value) for value in values)
    if kind == "anything-but":
        # None of a list's elements may be what is not wanted.
        return bool(values) and all(MATCHERS[kind](wanted, value) for value in values)
    return any(MATCHERS[kind](wanted, value) for value in values)


def _same(wanted: Any, value: Any) -> bool:
    if _is_number(wanted) and _is_number(value):
        return bool(abs(wanted - value) < PRECISION)
    return bool(type(wanted) is type(value) and wanted == value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
