"""Gives a patch to the user: on stdout, or written into the spec's file."""

from collections.abc import Mapping
from typing import Any

from twin.cli.compiled import Compiled
from twin.cli.console import out, say
from twin.engine.acceptance import for_environment
from twin.errors import UsageError
from twin.spec.insertion import inserted, text_of


def give(compiled: Compiled, patch: Mapping[str, Any], *, write: bool) -> int:
    """Print a patch, or write it into the spec; UsageError when it has no place there that is certain."""
    if not patch:
        say("nothing to be added to the spec")
        return 0
    path, whole = compiled.spec.path, for_environment(dict(patch), compiled.spec.environment)
    if not write:
        say(f"# into {path}:")
        out.print(text_of(whole), end="")
        return 0
    text = inserted(path.read_text(encoding="utf-8"), whole)
    if text is None:
        raise UsageError(f"{path} says something else in a place of these lines; add them by hand: leave out --write")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    say(f"written into {path}; look at it, then: twin plan {path}")
    return 0
