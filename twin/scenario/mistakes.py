"""What does not fit the form of a scenario file, in words, with its place and the way out."""

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from twin.diagnostics import Diagnostic
from twin.spec.located import Located
from twin.spec.problems import place, show, unwrapped
from twin.spec.suggest import suggestion

Path = tuple[str | int, ...]
SAID = {
    "float_parsing": "this is a number, without a unit",
    "float_type": "this is a number",
    "int_parsing": "this is a whole number",
    "int_type": "this is a whole number",
    "string_type": "this is text",
    "bool_parsing": "this is true or false",
    "dict_type": "this is a mapping",
    "model_type": "this is a mapping",
    "list_type": "this is a list",
    "tuple_type": "this is a list",
}


def diagnose(error: ValidationError, form: type[BaseModel], root: Located, at: Path = ()) -> list[Diagnostic]:
    """Turn every error of a validation into a diagnostic; `at` leads to what was validated."""
    found = []
    for item in error.errors(include_url=False):
        path, text, help_ = told(item, form, lambda way: root.find((*at, *way)) is not None)
        key = item["type"] == "extra_forbidden"
        span = root.nearest((*at, *path)).anchor if key else place(root, (*at, *path))
        found.append(Diagnostic("TW0901", f"{'.'.join(map(str, (*at, *path)))}: {text}", span, help_))
    return found


def told(item: ErrorDetails, form: type[BaseModel], there: Callable[[Path], bool]) -> tuple[Path, str, str | None]:
    """Return where one error is, what it is, and a way out; `there` tells whether a path leads to something."""
    path = tuple(_written(item["loc"], there))
    if item["type"] == "extra_forbidden":
        return path, f"unknown key `{path[-1]}`", suggestion(str(path[-1]), keys(form, path[:-1]))
    if item["type"] == "missing":
        return path, "it is missing", f"add `{path[-1]}: …`"
    if item["type"] == "literal_error":
        allowed = [one.strip("' ") for one in item["ctx"]["expected"].replace(" or ", ",").split(",")]
        return path, f"{show(item['input'])} is not allowed here", suggestion(str(item["input"]), allowed)
    if item["type"] == "value_error":
        return path, item["msg"].removeprefix("Value error, "), None
    shown = _shown(item["input"])
    said = SAID.get(item["type"], item["msg"].replace("Input should", "this should"))
    return path, f"{said}{shown}", None


def _shown(value: Any) -> str:
    return f", found {show(value)}" if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _written(loc: tuple[str | int, ...], there: Callable[[Path], bool]) -> Iterator[str | int]:
    """Yield the steps of a path that stand in the file, and the last; the forms among which one is chosen do not."""
    way: Path = ()
    for number, step in enumerate(loc):
        if number == len(loc) - 1 or there((*way, step)):
            way = (*way, step)
            yield step


def keys(form: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the form knows where a path leads."""
    found: list[str] = []
    for one in _forms(form, path):
        found += [field.alias or name for name, field in one.model_fields.items()]
    return found


def _forms(form: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    """Return the forms that a value at a path may have; several where it is one of some."""
    here: list[Any] = [form]
    for step in path:
        here = [inner for one in here for inner in _inside(one, str(step))]
    return [one for one in here if isinstance(one, type) and issubclass(one, BaseModel)]


def _inside(form: Any, step: str) -> list[Any]:
    if isinstance(form, type) and issubclass(form, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in form.model_fields.items()}
        return _choices(fields.get(step))
    inner = get_args(form)
    return _choices(inner[1] if get_origin(form) is dict else inner[0]) if inner else []


def _choices(annotation: Any) -> list[Any]:
    plain = unwrapped(annotation)
    several = [one for one in get_args(plain) if one is not type(None)]
    if get_origin(plain) in (dict, list, tuple) or not several:
        return [plain]
    return [choice for one in several for choice in _choices(one)]
