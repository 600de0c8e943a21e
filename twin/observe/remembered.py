"""A target's systems that send again only what may be answered otherwise by now."""

import copy
from collections.abc import Mapping, Set
from typing import Any, Protocol, runtime_checkable

from twin.resources.call import Call
from twin.resources.transport import System

ASSUMED = ("sts", "AssumeRole")


@runtime_checkable
class Enterable(System, Protocol):
    """A system that can send for another principal."""

    def acting_as(self, access_key_id: str, secret_access_key: str, session_token: str | None = None) -> System:
        """Return the same system for another principal."""
        ...


class Replies:
    """Replies by who asked what; `new` are those since the last `taken`. Keys that are given out are not kept."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[str, Any]] = {}
        self.new: dict[tuple[str, str], tuple[str, Any]] = {}
        self.asked: set[str] = set()

    def drop(self, names: Set[str]) -> bool:
        """Forget what some services said, named as `aws.ec2` or `okta`; tells whether any of them was ever asked."""
        stale = [key for key, (name, _) in self.kept.items() if name in names]
        for key in stale:
            del self.kept[key]
        return not self.asked.isdisjoint(names)

    def take(self, new: Mapping[tuple[str, str], tuple[str, Any]]) -> None:
        """Keep replies that a copy of this process got."""
        self.kept.update(new)
        self.asked.update(name for name, _ in new.values())

    def systems(self, systems: Mapping[str, System]) -> dict[str, System]:
        """Return systems that are asked only what is not kept."""
        return {name: Remembered(system, self, name) for name, system in systems.items()}


class Remembered:
    """One system; a role is one asker, whichever keys it was given."""

    def __init__(self, system: System, replies: Replies, name: str) -> None:
        self._system, self._replies, self._name, self._who = system, replies, name, ""
        self._roles: dict[str, str] = {}

    @property
    def calls(self) -> int:
        """How many calls were sent."""
        return self._system.calls

    @calls.setter
    def calls(self, number: int) -> None:
        self._system.calls = number

    def execute(self, call: Call) -> Any:
        """Return the kept reply, else the one to the call that is sent now; a refusal is not kept."""
        if (call.service, call.operation) == ASSUMED:
            reply = self._system.execute(call)
            self._roles[reply["Credentials"]["AccessKeyId"]] = str(call.params["RoleArn"])
            return reply
        key = (self._who, call.key)
        if key not in self._replies.kept:
            service = f"aws.{call.service}" if call.system == "aws" else call.system
            self._replies.kept[key] = self._replies.new[key] = (service, self._system.execute(call))
        return self._replies.kept[key][1]

    def acting_as(self, access_key_id: str, secret_access_key: str, session_token: str | None = None) -> "Remembered":
        """Return the same system for another principal."""
        assert isinstance(self._system, Enterable)
        other = copy.copy(self)
        other._system = self._system.acting_as(access_key_id, secret_access_key, session_token)
        other._who = self._roles.get(access_key_id, access_key_id)
        return other
