"""How the world behaves beyond keeping what it is told: one file per behavior, found by being there.

A file binds functions by what calls for them:

    @answers("rds", "FailoverGlobalCluster")    an operation that the store lacks; None leaves the call to the store
    @follows("rds", "RebootDBInstance")         after the store did as it was asked; a result replaces the store's
    @happens("rds.failover")                    a task of the agenda, `scene.after(90, "rds.failover", db=...)`
    @watches("zone.lost")                       something that another behavior or a fault told by `scene.emit`
    @witnesses                                  every AWS call once it is in the evidence, with the trails that take it
    @reads                                      every event of one, also what another account than the caller's has

It names in `PROVIDES` the capabilities that it gives, and keeps its delays in `data/` with their sources.
"""

import importlib
import pkgutil
from collections.abc import Callable, Collection
from functools import cache
from typing import Any, TypeVar

from twin.world.aws_call import Asked, Done
from twin.world.scene import Happening, Scene
from twin.world.trail.evidence import Witnessed

Answer = Callable[[Asked, Scene], dict[str, Any] | None]
Follow = Callable[[Done, Scene], dict[str, Any] | None]
Task = Callable[..., None]
Watcher = Callable[[Scene, Happening], None]
Witness = Callable[[Scene, Witnessed, list[Any]], None]
Function = TypeVar("Function", bound=Callable[..., Any])

ANSWERS: dict[tuple[str, str], Answer] = {}
FOLLOWERS: dict[tuple[str, str], list[Follow]] = {}
TASKS: dict[str, Task] = {}
WATCHERS: dict[str, list[Watcher]] = {}
WITNESSES: list[Witness] = []
READERS: list[Witness] = []


def answers(service: str, *operations: str) -> Callable[[Answer], Answer]:
    """Bind the function that answers operations before the store does."""

    def bind(function: Answer) -> Answer:
        for operation in operations:
            if (service, operation) in ANSWERS:
                raise ValueError(f"{service}:{operation} is answered twice")
            ANSWERS[service, operation] = function
        return function

    return bind


def follows(service: str, *operations: str) -> Callable[[Follow], Follow]:
    """Bind a function that acts after the store carried out one of the operations."""

    def bind(function: Follow) -> Follow:
        for operation in operations:
            FOLLOWERS.setdefault((service, operation), []).append(function)
        return function

    return bind


def happens(task: str) -> Callable[[Function], Function]:
    """Bind the function that carries out a task of the agenda: it takes the scene and what the task was told."""

    def bind(function: Function) -> Function:
        if task in TASKS:
            raise ValueError(f"the task {task} is bound twice")
        TASKS[task] = function
        return function

    return bind


def watches(*kinds: str) -> Callable[[Watcher], Watcher]:
    """Bind a function that is told of every happening of these kinds."""

    def bind(function: Watcher) -> Watcher:
        for kind in kinds:
            WATCHERS.setdefault(kind, []).append(function)
        return function

    return bind


def witnesses(function: Witness) -> Witness:
    """Bind a function that is told of every call that an account made, and of the trails that log and take it."""
    WITNESSES.append(function)
    return function


def reads(function: Witness) -> Witness:
    """Bind a function that is told of every event: of a call, and of what another account has of it."""
    READERS.append(function)
    return witnesses(function)


@cache
def load_behaviors() -> dict[str, str]:
    """Import every file of this package; return the capabilities that they provide, each with what it means."""
    return {capability: meaning for told in _provided().values() for capability, meaning in told.items()}


def modules_of(capabilities: Collection[str], prefixes: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the modules that provide one of some capabilities, or whose file's name begins so, by their full names."""
    return frozenset(
        name
        for name, told in _provided().items()
        if not told.keys().isdisjoint(capabilities) or name.rpartition(".")[2].startswith(prefixes)
    )


@cache
def _provided() -> dict[str, dict[str, str]]:
    from twin.world.stores.moto_data import read_once

    read_once()
    names = sorted(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__))
    return {name: getattr(importlib.import_module(name), "PROVIDES", {}) for name in names}
