"""What AWS does by itself in the course of time, done when the next call could see it: one file per service's habit."""

import importlib
import pkgutil
from collections.abc import Callable

from twin.world.aws_call import Call

Habit = Callable[[], None]
HABITS: dict[str, list[Habit]] = {}


def habit(service: str) -> Callable[[Habit], Habit]:
    """Bind what has to be done before any call of a service is answered; it looks at the world's clock itself."""

    def bind(function: Habit) -> Habit:
        HABITS.setdefault(service, []).append(function)
        return function

    return bind


def settle(call: Call) -> None:
    """Do what has come due in a call's service by now."""
    for function in HABITS.get(call.service, ()):
        function()


def load_habits() -> None:
    """Import every file of this package, by which its habits are bound."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
