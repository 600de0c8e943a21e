"""The proofs over a plan, one file each, found by being there: `prove(case)` yields what is wrong."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding

Proof = Callable[[Case], Iterator[Finding]]


def proofs() -> dict[str, Proof]:
    """Return every proof by its name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").prove for name in names}


def prove(case: Case) -> list[Finding]:
    """Return what all proofs find."""
    return [finding for proof in proofs().values() for finding in proof(case)]
