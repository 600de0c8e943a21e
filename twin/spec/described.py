"""What a section's fields mean: the text that stands under each in its source, read only when somebody asks."""

import ast
import inspect
import textwrap
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from twin.spec.model.section import Section


@cache
def meanings(section: type[Section]) -> dict[str, str]:
    """Return the meaning of each field of a section by its name, those that it inherits among them."""
    found: dict[str, str] = {}
    for class_ in reversed(section.__mro__):
        if issubclass(class_, Section) and class_ is not Section:
            found |= _written(class_)
    return found


def _written(class_: type[Section]) -> dict[str, str]:
    source = ast.parse(textwrap.dedent(inspect.getsource(class_))).body[0]
    assert isinstance(source, ast.ClassDef)
    return dict(_pairs(source.body))


def _pairs(body: Iterable[ast.stmt]) -> Iterable[tuple[str, str]]:
    """Yield each field that a text follows, with the text."""
    for field, text in pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
            yield field.target.id, inspect.cleandoc(text.value.value)
