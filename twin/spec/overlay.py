"""One environment of a spec: the base with that environment's patch merged onto it."""

from collections.abc import Mapping

from twin.diagnostics import Diagnostic
from twin.errors import SpecError
from twin.spec.located import Located
from twin.spec.suggest import suggestion

ENVIRONMENTS = "environments"
DEFAULT = "default_environment"


def environments(root: Located) -> tuple[str, ...]:
    """Return the names of the environments that a spec declares, in its order."""
    section = root.get(ENVIRONMENTS)
    return tuple(section.children) if section else ()


def select(root: Located, environment: str | None) -> tuple[Located, str | None]:
    """Return the merged tree and the chosen environment's name.

    Without a choice the spec's `default_environment` is taken, and the bare base when it has none. SpecError when the
    environment is unknown or its patch makes no sense.
    """
    declared = root.get(ENVIRONMENTS)
    if declared is not None and not isinstance(declared.value, Mapping):
        message = "`environments` must be a mapping of environment names to patches"
        raise SpecError([Diagnostic("TW0113", message, declared.span)])
    default = root.get(DEFAULT)
    if environment is None and default is not None:
        environment = str(default.value)
    base = Located({k: v for k, v in root.children.items() if k not in (ENVIRONMENTS, DEFAULT)}, root.span)
    if environment is None:
        return base, None
    known = environments(root)
    if environment not in known:
        place = default.span if default is not None and environment == str(default.value) else None
        advice = suggestion(environment, known) or "the spec has no `environments:`"
        raise SpecError([Diagnostic("TW0114", f"no environment named `{environment}`", place, advice)])
    assert declared is not None
    problems: list[Diagnostic] = []
    merged = patched(base, declared.children[environment], problems)
    if problems:
        raise SpecError(problems)
    return merged, environment


def patched(base: Located, patch: Located, problems: list[Diagnostic]) -> Located:
    """Merge `patch` onto the mapping `base`: mappings deep, null removes, everything else replaces."""
    if patch.value is None:
        return base
    if not isinstance(patch.value, Mapping):
        problems.append(Diagnostic("TW0113", "an environment must be a mapping of what differs", patch.span))
        return base
    merged = dict(base.children)
    for key, change in patch.children.items():
        old = merged.get(key)
        if change.value is None:
            if merged.pop(key, None) is None:
                advice = suggestion(key, base.children) or "delete this line"
                problems.append(Diagnostic("TW0115", f"`{key}` is not there to be removed", change.anchor, advice))
        elif isinstance(change.value, Mapping):
            below = old if old and isinstance(old.value, Mapping) else Located({}, change.span, change.key_span)
            merged[key] = patched(below, change, problems)
        else:
            merged[key] = change
    return Located(merged, base.span, base.key_span)
