"""What the methods of custom expressions compute of their subject: strings, arrays, numbers and groups.

Source: https://developer.okta.com/docs/reference/okta-expression-language-in-identity-engine/
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Method = Callable[..., Any]
CRITERIA = ("group.id", "group.type", "group.profile.name", "operator")


def wrong(what: str) -> ValueError:
    """Return the error of an expression."""
    return ValueError(f"elCondition: {what}")


def truth(value: Any) -> bool:
    """Return what a condition says; what is missing is not true, and what is no Boolean is no condition."""
    if value is not None and not isinstance(value, bool):
        raise wrong(f"{value!r} stands where true or false must")
    return bool(value)


def equal(left: Any, right: Any) -> bool:
    """Tell whether two values are equal; true is no number."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def plus(left: Any, right: Any) -> Any:
    """Add two numbers, or put two strings together."""
    if isinstance(left, str) or isinstance(right, str):
        return _written(left) + _written(right)
    return left + right


def _written(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _array(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise wrong(f"{value!r} is no array")
    return value or []


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return part is not None and str(part) in whole
    return any(equal(one, part) for one in _array(whole))


def _substring(whole: Any, first: int, last: int | None = None) -> str:
    text = _text(whole)
    if not 0 <= first <= (len(text) if last is None else last) <= len(text):
        raise wrong(f"{text!r} has no substring from {first} to {last}")
    return text[first:last]


# (method, number of arguments) -> what it computes of its subject
METHODS: dict[tuple[str, int], Method] = {
    ("contains", 1): _contains,
    ("startsWith", 1): lambda whole, part: part is not None and _text(whole).startswith(str(part)),
    ("endsWith", 1): lambda whole, part: part is not None and _text(whole).endswith(str(part)),
    ("toLowerCase", 0): lambda whole: _text(whole).lower(),
    ("toUpperCase", 0): lambda whole: _text(whole).upper(),
    ("length", 0): lambda whole: len(_text(whole)),
    ("substring", 1): _substring,
    ("substring", 2): _substring,
    ("substringBefore", 1): lambda whole, mark: _text(whole).partition(mark)[0],
    ("substringAfter", 1): lambda whole, mark: _text(whole).partition(mark)[2],
    ("replace", 2): lambda whole, old, new: _text(whole).replace(old, new),
    ("replaceFirst", 2): lambda whole, old, new: _text(whole).replace(old, new, 1),
    ("removeSpaces", 0): lambda whole: _text(whole).replace(" ", ""),
    ("size", 0): lambda array: len(_array(array)),
    ("isEmpty", 0): lambda array: not _array(array),
    ("add", 1): lambda array, item: [*_array(array), item],
    ("remove", 1): lambda array, item: [one for one in _array(array) if not equal(one, item)],
}


def groups_found(facts: Mapping[str, Any], *criteria: Any) -> list[str]:
    """Return the ids of the user's groups that meet every criterion."""
    return [one for one in facts["groups"] if all(_meets(facts, one, asked) for asked in criteria)]


def _meets(facts: Mapping[str, Any], group: str, asked: Any) -> bool:
    if not isinstance(asked, Mapping) or not asked or set(asked) - set(CRITERIA):
        raise wrong(f"groups are asked for by {', '.join(CRITERIA)}")
    if "group.id" in asked and group not in _wanted(asked["group.id"]):
        return False
    if "group.type" in asked and _kind(facts, group) not in _wanted(asked["group.type"]):
        return False
    return "group.profile.name" not in asked or _named(facts["groups"][group], asked)


def _kind(facts: Mapping[str, Any], group: str) -> str:
    if group not in facts["group_types"]:
        raise wrong(f"the type of the group {group} is asked for, and the question does not tell it")
    return str(facts["group_types"][group])


def _named(name: str, asked: Mapping[str, Any]) -> bool:
    """Hold a name against those asked for, as beginnings unless the operator says otherwise."""
    wanted, how = _wanted(asked["group.profile.name"]), asked.get("operator", "STARTS_WITH")
    if how == "EXACT":
        return name in wanted
    if how == "STARTS_WITH":
        return name.startswith(tuple(wanted))
    raise wrong(f"the operator {how} of a group's name is not supported")


def _wanted(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in listed):
        raise wrong("a criterion of groups is a string or a set of strings")
    return listed


def argument_counts(name: str) -> Iterator[int]:
    """Yield how many arguments a method may take, nothing for one that is not supported."""
    yield from (count for known, count in METHODS if known == name)
