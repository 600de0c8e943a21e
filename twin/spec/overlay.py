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
        advice = suggestion(environment, known) or "the spec has no `environments:`; leave --env out, or add them"
        unknown = Diagnostic("TW0114", f"no environment named `{environment}`", None, advice)
        raise SpecError(misnamed(root) if default is not None and environment == str(default.value) else [unknown])
    assert declared is not None
    problems: list[Diagnostic] = []
    merged = patched(base, declared.children[environment], problems)
    if problems:
        raise SpecError(problems)
    return merged, environment


def misnamed(root: Located) -> list[Diagnostic]:
    """Tell of a `default_environment` that is none, whichever environment is asked for."""
    default, known = root.get(DEFAULT), environments(root)
    if default is None or str(default.value) in known:
        return []
    advice = suggestion(str(default.value), known) or "the spec has no `environments:`"
    return [Diagnostic("TW0114", f"no environment named `{default.value}`", default.span, advice)]


def patched(base: Located, patch: Located, problems: list[Diagnostic]) -> Located:
    """Merge `patch` onto the mapping `base`: mappings deep, null removes, everything else replaces.

    A mapping onto a list of items that all have a `name` is about those items, by their names.
    """
    if patch.value is None:
        return base
    if not isinstance(patch.value, Mapping):
        problems.append(Diagnostic("TW0113", "a patch must be a mapping of what differs", patch.span))
        return base
    return Located(_merged(dict(base.children), patch, problems), base.span, base.key_span)


def _merged(merged: dict[str, Located], patch: Located, problems: list[Diagnostic]) -> dict[str, Located]:
    for key, change in patch.children.items():
        old = merged.get(key)
        if change.value is None:
            if merged.pop(key, None) is None:
                advice = suggestion(key, merged) or "delete this line"
                problems.append(Diagnostic("TW0115", f"`{key}` is not there to be removed", change.anchor, advice))
        elif isinstance(change.value, Mapping) and old and (named := _named(old)):
            items = _merged(named, change, problems)
            merged[key] = Located(tuple(_with_name(name, item) for name, item in items.items()), old.span, old.key_span)
        elif isinstance(change.value, Mapping):
            below = old if old and isinstance(old.value, Mapping) else Located({}, change.span, change.key_span)
            merged[key] = patched(below, change, problems)
        else:
            merged[key] = change
    return merged


def _named(items: Located) -> dict[str, Located] | None:
    """Return the items of a list by their names; None where it is no list, or a name lacks or is not one's own."""
    if not isinstance(items.value, tuple) or not items.value:
        return None
    names = [name.value for item in items.value if (name := item.get("name")) and isinstance(name.value, str)]
    if len(set(names)) != len(items.value):
        return None
    return {str(name): item for name, item in zip(names, items.value, strict=True)}


def _with_name(name: str, item: Located) -> Located:
    """Return an item of a list with the name that it goes by, which a patch that adds one gives as its key."""
    if not isinstance(item.value, Mapping) or "name" in item.children:
        return item
    return Located({"name": Located(name, item.anchor), **item.children}, item.span, item.key_span)
