"""Holds a saved plan to the spec that it was made from, where that lies here as it was."""

from collections.abc import Sequence
from pathlib import Path

from twin.cli.bundled import find_spec
from twin.cli.compiled import Compiled, environments, recall_file
from twin.cli.console import say
from twin.engine.plan import Plan
from twin.errors import SpecError, UsageError


def meant_by(plan: Plan) -> Compiled | None:
    """Return the spec of a plan, compiled; None when it is not here as the plan was made from it.

    The secrets that it names need not be here. SpecError where the very spec has errors here.
    """
    try:
        path = find_spec(Path(plan.spec_file or ""))
    except UsageError:
        return None
    environment = plan.scope.environment if plan.scope.environment in environments(path) else None
    try:
        compiled = recall_file(path, environment, None)
    except UsageError:
        if _digest(path, environment) == plan.spec_digest:
            raise
        return None
    return compiled.as_planned(plan) if compiled.outline.digest == plan.spec_digest else None


def _digest(path: Path, environment: str | None) -> str | None:
    """Return the digest of a spec that may have errors; None where it has no values at all."""
    from twin.spec.document import read
    from twin.spec.load import digest
    from twin.spec.overlay import select

    try:
        root = read(path).root
        return digest(select(root, environment)[0].plain()) if root is not None else None
    except SpecError:
        return None


def differing(plan: Plan, compiled: Compiled) -> list[str]:
    """Return in what a plan is another than its spec makes."""
    from twin.attestation.conformity import Meant, unlike

    promotion = compiled.written("delivery", "promotion")
    asked = compiled.spec.org.delivery.promotion.waves if promotion.get("waves") is not None else None
    meant = Meant(compiled.desired, compiled.scope, promotion, compiled.written("state"), asked)
    return list(unlike(plan, meant))


def held(plan: Plan, *, elsewhere: bool = True) -> Sequence[str]:
    """Return in what a plan is another than its spec makes.

    Where that cannot be told, as its spec is not here, that is said; with `elsewhere` false it is a reason, too.
    """
    compiled = meant_by(plan)
    if compiled is None:
        told = f"{plan.spec_file or 'the spec'} is not here as the plan was made from it, so that nobody looked "
        if not elsewhere:
            more = (
                "whether the plan, and what it says that is demanded, are what it makes; plan again, or --without-spec"
            )
            return (told + more,)
        say(f"warning: {told}whether the plan is what it makes")
        return ()
    if plan.undoes:
        say("a way back leads to what was, which no spec tells: what it does to each object was held to none")
    return differing(plan, compiled)
