"""The resources of a call by the published tables: ARNs from its parameters, `*` where a part cannot be told."""

from collections.abc import Iterator
from typing import Any

from twin.world.authorisation.ask import Ask, Asking
from twin.world.authorisation.published import PLACES, VARIABLE, Action, ResourceType, actions_of, sources_of

# What such an operation makes has no name yet, so each of its types is asked for.
MAKING = ("Create", "Run", "Copy", "Restore", "Register", "Import", "Allocate", "Request")


def published_asks(asking: Asking) -> list[Ask]:
    """Ask for each action of an operation on each resource that the call names."""
    call = asking.call
    if not call.operation.isalnum():
        # It names no operation; the store refuses it.
        return []
    found = actions_of(call.service, call.operation)
    return [Ask(action.name, resource) for action in found for resource in resources(asking, action)]


def resources(asking: Asking, action: Action) -> list[str]:
    """Return the ARNs that a call names among the resource types of an action; `*` alone when there are none."""
    found: list[str] = []
    missing: list[str] = []
    besides: list[str] = []
    given = list(_arns(asking.parameters)) if action.types else []
    for type_ in action.types:
        named = [arn for arn in given if type_.pattern.fullmatch(arn)] or list(_filled(asking, type_))
        if named and not type_.required and all(arn.endswith("/*") for arn in named):
            besides += named
        elif named:
            found += named
        elif type_.required:
            missing.append(_fill(asking, type_, {}))
    # What a call could name inside of what it names, as a table's index: where it names none, it is not about them.
    found = found or besides
    if not found:
        prefix = f":{action.name.partition(':')[0]}:"
        found = [arn for arn in given if prefix in arn]
    if found and not asking.call.operation.startswith(MAKING):
        # Types of which a call names one: the others are alternatives to it, not further resources.
        missing = []
    elif len(missing) > 1 and not asking.call.operation.startswith(MAKING):
        missing = ["*"]
    elif not found and not missing and len(action.types) == 1 and _could_name(asking, action.types[0]):
        # A list that could have been narrowed to one of the type is about all of it.
        missing = [_fill(asking, action.types[0], {})]
    return list(dict.fromkeys(found + missing)) or ["*"]


def _arns(parameters: dict[str, Any]) -> Iterator[str]:
    for value in parameters.values():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and text.startswith("arn:"):
                yield text


def _filled(asking: Asking, type_: ResourceType) -> Iterator[str]:
    """Fill an ARN's form from parameters; each value of a list makes one."""
    if not type_.variables:
        return
    values: dict[str, list[str]] = {}
    for variable in type_.variables:
        for source in _sources(asking, type_, variable):
            told = [text for text in _texts(asking.parameters.get(source)) if not text.startswith("arn:")]
            if told:
                values[variable] = told
                break
    if not values:
        return
    longest = max(values.values(), key=len)
    for index in range(len(longest)):
        yield _fill(asking, type_, {name: told[min(index, len(told) - 1)] for name, told in values.items()})


def _could_name(asking: Asking, type_: ResourceType) -> bool:
    return any(_sources(asking, type_, variable) for variable in type_.variables)


def _sources(asking: Asking, type_: ResourceType, variable: str) -> tuple[str, ...]:
    call = asking.call
    # Of several variables, only one is the type's own name.
    name = type_.name if len(type_.variables) == 1 else ""
    return sources_of(call.service, call.operation, variable, type_name=name)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _fill(asking: Asking, type_: ResourceType, values: dict[str, str]) -> str:
    call = asking.call
    places = {"Partition": "aws", "Region": call.region, "Account": call.account}
    parts = VARIABLE.split(type_.form)
    for index in range(1, len(parts), 2):
        name = parts[index]
        value = places[name] if name in PLACES else values.get(name, "*")
        # A path begins with the slash that the form has already.
        parts[index] = value.lstrip("/") if parts[index - 1].endswith("/") else value
    return "".join(parts)
