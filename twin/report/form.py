"""A form as a user reads it: which keys a mapping takes, what each is written as, and what it means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

DEFINITIONS = "#/$defs/"
ONE_OF = ("anyOf", "oneOf")
SECTIONS = "x-sections"
"""The key of a reference's schema that holds the sections whose names it may be."""
PLAIN = {"string": "text", "boolean": "true or false", "integer": "a whole number", "number": "a number"}
SEVERAL = {
    "text": "texts",
    "a duration": "durations",
    "a whole number": "whole numbers",
    "a number": "numbers",
    "a mapping": "mappings",
}
NOTHING: Mapping[str, Sequence[str]] = MappingProxyType({})
TIMES = ("90s", "8h", "90d")
"""Examples of durations, of which a default may be a number of seconds."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it is written as, whether it must be there, what holds without it, and what it means."""

    name: str
    written: str
    required: bool
    default: Any
    meaning: str
    keys: tuple[str, ...] = ()
    """The keys of the mapping, or of each mapping, that it holds."""


@dataclass(frozen=True, slots=True)
class Form:
    """A part of a JSON Schema, with the definitions that it refers to."""

    entry: Mapping[str, Any]
    definitions: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> "Form":
        """Return the form of a whole schema."""
        return cls(schema, schema.get("$defs", {})).resolved()

    @property
    def meaning(self) -> str:
        """What it is, in a line."""
        return str(self.entry.get("description", "")).split("\n\n")[0].replace("\n", " ")

    @property
    def many(self) -> "Form | None":
        """The form of each thing that a list or a mapping by names holds; None for another."""
        if self.entry.get("type") == "array":
            held = self.entry.get("items")
        else:
            named = self.entry.get("patternProperties", {}).values()
            held = next(iter(named), self.entry.get("additionalProperties"))
        return Form(held, self.definitions).resolved() if isinstance(held, Mapping) else None

    def resolved(self) -> "Form":
        """Return what is meant: behind a reference, and without the null that stands for nothing."""
        entry = self.entry
        if "$ref" in entry:
            meant = self.definitions[str(entry["$ref"]).removeprefix(DEFINITIONS)]
            return Form({**meant, **{key: entry[key] for key in entry if key != "$ref"}}, self.definitions).resolved()
        choices = [choice for choice in _choices(entry) if choice.get("type") != "null"]
        if len(choices) == 1:
            told = {key: value for key, value in entry.items() if key not in ONE_OF}
            return Form({**choices[0], **told}, self.definitions).resolved()
        return self

    def below(self, step: str) -> "Form | None":
        """Return the form under a key; where things have names or numbers of their own, any key is one of them."""
        properties = self.entry.get("properties", {})
        if step in properties:
            return Form(properties[step], self.definitions).resolved()
        return next((one for choice in self.choices if (one := choice.below(step)) is not None), None)

    @property
    def choices(self) -> Iterator["Form"]:
        """The forms among which one is chosen."""
        for choice in _choices(self.entry):
            yield Form(choice, self.definitions).resolved()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the keys of a mapping, or of the mappings among which one is chosen."""
        return (*self.entry.get("properties", ()), *(name for choice in self.choices for name in choice.names))

    @property
    def parts(self) -> list[Key]:
        """Return the keys of a mapping, those that must be there first."""
        required = self.entry.get("required", ())
        found = [self._key(name, required=name in required) for name in self.entry.get("properties", ())]
        mappings = [choice for choice in self.choices if choice.names]
        for choice in mappings:
            found += (replace(key, required=key.required and len(mappings) == 1) for key in choice.parts)
        return sorted(found, key=lambda key: not key.required)

    def _key(self, name: str, *, required: bool) -> Key:
        form = Form(self.entry["properties"][name], self.definitions).resolved()
        below = (form.many or form).names
        return Key(name, form.written, required, form.default, form.meaning, below)

    @property
    def default(self) -> Any:
        """What holds where nothing is written; None where that is nothing."""
        value = self.entry.get("default")
        if value in (None, [], {}, ""):
            return None
        if any(example in TIMES for example in self.entry.get("examples", ())) and isinstance(value, int | float):
            return f"{value:g}s"
        return value

    @property
    def written(self) -> str:
        """How a value of it is written, in words."""
        entry = self.entry
        if choices := list(self.choices):
            return " or ".join(dict.fromkeys(choice.written for choice in choices))
        allowed = [entry["const"]] if "const" in entry else entry.get("enum")
        if allowed:
            return " or ".join(filter(None, (", ".join(map(str, allowed[:-1])), str(allowed[-1]))))
        kind, held = entry.get("type"), self.many
        if kind == "array":
            return f"a list of {_several(held.written)}" if held is not None else "a list"
        if kind == "object":
            return f"{_several(held.written)} by name" if held is not None else "a mapping"
        return _plain(entry)


def _choices(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [choice for key in ONE_OF for choice in entry.get(key, ())]


def _plain(entry: Mapping[str, Any]) -> str:
    words = PLAIN.get(str(entry.get("type")), "anything")
    if sections := entry.get(SECTIONS):
        return f"a name from {' or '.join(sections)}"
    if entry.get("format") == "email":
        return "an e-mail address"
    if entry.get("format") == "uri":
        return "a web address"
    if examples := entry.get("examples"):
        return f"{'a duration' if examples[0] in TIMES else words} such as {examples[0]}"
    least, most = entry.get("minimum"), entry.get("maximum")
    if least is not None and most is not None:
        return f"{words}, {least} to {most}"
    return words


def _several(words: str) -> str:
    first, comma, rest = words.partition(",")
    if first.startswith("a name from "):
        return words.replace("a name", "names", 1)
    head, such, example = first.partition(" such as ")
    return f"{SEVERAL.get(head, head)}{such}{example}{comma}{rest}"


def lines(form: Form, notes: Mapping[str, Sequence[str]] = NOTHING) -> Iterator[str]:
    """Yield what a mapping takes, a key with its meaning and its own keys below it; `notes` tell more of some."""
    if (held := form.many) is not None and held.names:
        yield f"{'a list, each' if form.entry.get('type') == 'array' else 'by name, each'}:"
        form = held
    for key in form.parts:
        told = ["required"] if key.required else [f"default: {_shown(key.default)}"] if key.default is not None else []
        told += notes.get(key.name, ())
        yield f"  {key.name}: {key.written}" + (f"  ({', '.join(told)})" if told else "")
        if key.meaning:
            yield f"      {key.meaning}"
        if key.keys:
            yield f"      keys: {', '.join(key.keys)}"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
