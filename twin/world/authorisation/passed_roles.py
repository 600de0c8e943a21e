"""Roles that a call hands to a service, for which the caller needs iam:PassRole.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

import re
from collections.abc import Iterator
from typing import Any

from twin.world.authorisation.ask import Ask, Asking, Context
from twin.world.authorisation.published import EXCEPTIONS
from twin.world.stores.moto_store import backends

ROLE = re.compile(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")
PASSED: dict[str, dict[str, Any]] = EXCEPTIONS["passed_roles"]
# Parameters that name an instance profile, whose role is passed; EMR's does so by the profile's name.
PROFILES = ("IamInstanceProfile", "JobFlowRole")
PROFILE = re.compile(r"(?:arn:aws[\w-]*:iam::\d{12}:instance-profile/(?:.*/)?)?(?P<name>[^/]+)")


def passed_roles(asking: Asking, asks: list[Ask]) -> list[Ask]:
    """Ask for iam:PassRole on each role that a call hands over; `asks` tell for what."""
    call = asking.call
    known = PASSED.get(call.service)
    if known is None or call.operation not in known["operations"]:
        return []
    found = {}
    told = known.get("by_operation", {}).get(call.operation)
    for parameter, named in known["parameters"].items():
        service = told or named
        for value in _named(asking.parameters, parameter):
            for role in _roles(asking, parameter, value):
                found[role] = service
    for_what: Context = {"iam:AssociatedResourceArn": asks[0].resource} if asks and asks[0].resource != "*" else {}
    return [
        Ask("iam:PassRole", role, context={"iam:PassedToService": service, **for_what})
        for role, service in found.items()
    ]


def _named(value: Any, parameter: str) -> Iterator[str]:
    """Find a parameter wherever it stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == parameter and isinstance(inner, str) and inner:
                yield inner
            elif name == parameter == "IamInstanceProfile" and isinstance(inner, dict):
                yield inner.get("Arn") or inner.get("Name") or ""
            else:
                yield from _named(inner, parameter)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, parameter)


def _roles(asking: Asking, parameter: str, value: str) -> list[str]:
    if parameter in PROFILES:
        profile = PROFILE.fullmatch(value)
        state = backends("iam")[asking.call.account]["aws"]
        kept = (each for each in state.instance_profiles.values() if profile and each.name == profile["name"])
        return [role.arn for each in kept for role in each.roles]
    if ROLE.fullmatch(value):
        return [value]
    # Some services take the role's name alone.
    return [] if value.startswith("arn:") else [f"arn:aws:iam::{asking.call.account}:role/{value.lstrip('/')}"]
