"""What AWS refuses and the store accepts: one file per area, found by being there."""

import importlib
import pkgutil
from collections.abc import Callable

from twin.world.aws_call import Asked, Call
from twin.world.aws_errors import AwsError


class Refusal(AwsError):
    """A call that AWS refuses, with AWS's own code, message and status."""


__all__ = ["EVERY", "RULES", "Asked", "Refusal", "Rule", "check_refusals", "load_rules", "refuses"]

EVERY = "*"
Rule = Callable[[Asked], None]
RULES: dict[tuple[str, str], list[Rule]] = {}


def refuses(service: str, *operations: str) -> Callable[[Rule], Rule]:
    """Bind a rule to operations of a service, by botocore's names, or to EVERY one; it raises Refusal, or returns."""

    def bind(rule: Rule) -> Rule:
        for operation in operations:
            RULES.setdefault((service, operation), []).append(rule)
        return rule

    return bind


def check_refusals(call: Call) -> None:
    """Apply the rules of a call's operation, if it has any, after those of its whole service."""
    general, own = RULES.get((call.service, EVERY)), RULES.get((call.service, call.operation))
    if general or own:
        asked = Asked(call)
        for rule in (*(general or ()), *(own or ())):
            rule(asked)


def load_rules() -> None:
    """Import every file of this package, by which its rules are bound."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
