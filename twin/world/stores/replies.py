"""Writes moto's replies as moto does, character for character, without what it builds beside each value."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from html import escape
from typing import Any
from xml.sax.saxutils import quoteattr

import xmltodict
from moto.core import serialize
from moto.core.utils import get_value

Serializer: Any = serialize.ResponseSerializer
MISSING = object()
Picker = serialize.XFormedAttributePicker
PROLOG = '<?xml version="1.0" encoding="utf-8"?>\n'
PLAIN = {"full_document", "short_empty_elements", "pretty"}
TEXT = "#text"
STOCK: dict[tuple[Any, str], Any] = {
    (Serializer, "get_value"): Serializer.get_value,
    (Serializer, "_serialize"): Serializer._serialize,
    (xmltodict, "unparse"): xmltodict.unparse,
}
# By shape, its parent, the class of the object and the member; what an id stands for is kept with the names.
_NAMES: dict[tuple[Any, ...], tuple[tuple[str, ...], tuple[Any, ...]]] = {}
Change = Callable[[Any], Any]
_CHANGES: dict[tuple[int, str], tuple[tuple[tuple[str, Change], ...], Any]] = {}


class Strange(Exception):
    """A value that xmltodict writes in a way of its own."""


def value_of(writer: Any, value: Any, key: str, shape: Any) -> Any:
    """Return what an object keeps as a member of a shape: under the first of the names that it may have there."""
    picker = writer._value_picker
    if picker.__class__ is not Picker:
        return STOCK[(Serializer, "get_value")](writer, value, key, shape)
    found = _picked(picker, value, key, shape)
    if picker.response_transformers:
        for ending, change in _changes(picker.response_transformers, key):
            if f"{'.'.join(writer.path)}.{key}".endswith(ending):
                return change(found)
    return found


def _picked(picker: Any, value: Any, key: str, shape: Any) -> Any:
    parent = getattr(shape, "parent", None)
    place = (id(shape), id(parent), value.__class__, key)
    known = _NAMES.get(place)
    if known is None:
        names = tuple(picker.get_possible_keys(serialize.AttributePickerContext(obj=value, key=key, shape=shape)))
        known = _NAMES[place] = (names, (shape, parent))
    has_items = hasattr(value, "__getitem__")
    for name in known[0]:
        found = get_value(value, name, MISSING) if has_items or "." in name else getattr(value, name, MISSING)
        if found is not MISSING:
            return found
    return None


def _changes(transformers: dict[str, Change], key: str) -> tuple[tuple[str, Change], ...]:
    """Return the changes that may be meant for a member of this name, by the endings of its path."""
    place = id(transformers), key
    known = _CHANGES.get(place)
    if known is None:
        fitting = ((e, c) for e, c in transformers.items() if key.endswith(e) or e.endswith(f".{key}"))
        known = _CHANGES[place] = (tuple(fitting), transformers)
    return known[0]


@cache
def _method(owner: type, type_name: str) -> str:
    name = f"_serialize_type_{type_name}"
    return name if hasattr(owner, name) else "_default_serialize"


def serialize_value(writer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """Put a value into a reply, by the type of its shape."""
    path = writer.path
    path.append(key or shape.name)
    getattr(writer, _method(writer.__class__, shape.type_name))(serialized, value, shape, key)
    path.pop()


def unparse(input_dict: Mapping[str, Any], output: Any = None, encoding: str = "utf-8", **options: Any) -> Any:
    """Write a document as xmltodict does, at once into text where nothing in it is strange."""
    stock: Callable[..., Any] = STOCK[(xmltodict, "unparse")]
    whole = options.get("full_document", True)
    usual = output is None and encoding == "utf-8" and options.keys() <= PLAIN and not options.get("pretty")
    one = len(input_dict) == 1 and not any(isinstance(value, list) for value in input_dict.values())
    if usual and (one or not whole):
        written: list[str] = [PROLOG] if whole else []
        with suppress(Strange):
            for key, value in input_dict.items():
                _write(written, key, value, short=bool(options.get("short_empty_elements")))
            return "".join(written)
    return stock(input_dict, output, encoding, **options)


def _write(written: list[str], key: Any, value: Any, *, short: bool) -> None:
    if key == "#comment" or not isinstance(key, str):
        raise Strange
    xmltodict._validate_name(key, "element")
    for one in value if value.__class__ is list else (value,):
        kind = one.__class__
        if kind is dict:
            _write_children(written, key, one, short=short)
            continue
        if kind is str:
            text = one
        elif kind is int or kind is float:
            text = str(one)
        elif kind is bool:
            text = "true" if one else "false"
        elif one is None:
            text = ""
        else:
            raise Strange
        written.append(_element(key, "", _escaped(text), short=short))


def _write_children(written: list[str], key: str, members: dict[Any, Any], *, short: bool) -> None:
    attributes, text = "", ""
    place = len(written)
    written.append("")
    for name, value in members.items():
        if name == TEXT:
            if value is not None and value.__class__ is not str:
                raise Strange
            text = value or ""
        elif isinstance(name, str) and name.startswith("@"):
            if value.__class__ is not str:
                raise Strange
            xmltodict._validate_name(name[1:], "attribute")
            attributes += f" {name[1:]}={quoteattr(value)}"
        elif value.__class__ is not list or value:
            _write(written, name, value, short=short)
    if len(written) == place + 1:
        written[place] = _element(key, attributes, _escaped(text), short=short)
    else:
        written[place] = f"<{key}{attributes}>"
        written.append(f"{_escaped(text)}</{key}>")


def _element(key: str, attributes: str, content: str, *, short: bool) -> str:
    return f"<{key}{attributes}/>" if short and not content else f"<{key}{attributes}>{content}</{key}>"


def _escaped(text: str) -> str:
    return escape(text, quote=False)


REMEMBERING: dict[tuple[Any, str], Any] = {
    (Serializer, "get_value"): value_of,
    (Serializer, "_serialize"): serialize_value,
    (xmltodict, "unparse"): unparse,
}
