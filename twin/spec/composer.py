"""YAML events to located values: our own composer, strict where stock YAML is lax."""

from collections.abc import Iterator
from typing import Any

from yaml import events as ev

from twin.diagnostics import Diagnostic, Span
from twin.spec.located import Located
from twin.spec.scalars import Scalar, resolve

Event = Any  # PyYAML's event classes share no typed attributes
MAX_DEPTH = 64
MAX_VALUES = 100_000
STR = "tag:yaml.org,2002:str"
PLAIN_TAGS = {
    ev.ScalarEvent: (None, "!", STR),
    ev.MappingStartEvent: (None, "!", "tag:yaml.org,2002:map"),
    ev.SequenceStartEvent: (None, "!", "tag:yaml.org,2002:seq"),
}


class Refusal(Exception):
    """Composing cannot go on; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


class Composer:
    """Builds one document from parser events; what it can step over is gathered in `problems`."""

    def __init__(self, events: Iterator[Event], file: str) -> None:
        self.events = iter(events)
        self.file = file
        self.problems: list[Diagnostic] = []
        self.anchors: dict[str, tuple[Located, int] | None] = {}
        self.count = 0
        self.depth = 0

    def document(self) -> Located | None:
        """Compose the only document; None for an empty stream."""
        next(self.events)  # stream start
        start = next(self.events)
        if not isinstance(start, ev.DocumentStartEvent):
            return None
        root = self.value(next(self.events))
        next(self.events)  # document end
        second = next(self.events)
        if isinstance(second, ev.DocumentStartEvent):
            advice = "keep one document per file; use `environments:` for variants"
            self.report("TW0109", "a second document begins here", self.span(second), advice)
        return root

    def value(self, event: Event) -> Located:
        """Compose the value that begins with `event`."""
        if isinstance(event, ev.AliasEvent):
            return self.alias(event)
        self.spend(1, event)
        before = self.count
        anchor = event.anchor
        if anchor:
            self.anchors[anchor] = None
        self.check_tag(event)
        if isinstance(event, ev.ScalarEvent):
            result = Located(self.scalar(event), self.span(event))
        else:
            result = self.collection(event)
        if anchor:
            self.anchors[anchor] = (result, self.count - before + 1)
        return result

    def collection(self, event: Event) -> Located:
        """Compose a mapping or a sequence, refusing a nest that is too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Refusal(self.too_deep(event))
        result = self.mapping(event) if isinstance(event, ev.MappingStartEvent) else self.sequence(event)
        self.depth -= 1
        return result

    def too_deep(self, event: Event) -> Diagnostic:
        """Tell that the value of `event` stands, or reaches, too deep."""
        return Diagnostic("TW0117", f"values nest deeper than {MAX_DEPTH} levels", self.span(event))

    def alias(self, event: Event) -> Located:
        """Return the anchored value, counted in full."""
        if event.anchor not in self.anchors:
            advice = f"write `&{event.anchor}` before the value that is meant"
            raise Refusal(Diagnostic("TW0108", f"no anchor named {event.anchor}", self.span(event), advice))
        known = self.anchors[event.anchor]
        if known is None:
            raise Refusal(Diagnostic("TW0108", f"the anchor {event.anchor} contains itself", self.span(event)))
        self.spend(known[1], event)
        if self.depth + known[0].height() > MAX_DEPTH:
            raise Refusal(self.too_deep(event))
        return known[0]

    def scalar(self, event: Event) -> Scalar:
        """Return what a scalar stands for: a quoted or `!!str` one is text."""
        text: str = event.value
        if not event.implicit[0] or event.tag == STR:
            return text
        try:
            return resolve(text)
        except ValueError:
            self.report("TW0201", "the number has too many digits", self.span(event), "put quotes around it")
            return text

    def sequence(self, start: Event) -> Located:
        """Compose the items up to the end of a sequence."""
        items = []
        while not isinstance(event := next(self.events), ev.SequenceEndEvent):
            items.append(self.value(event))
        return Located(tuple(items), self.reach(start, event, items))

    def mapping(self, start: Event) -> Located:
        """Compose the entries up to the end of a mapping; the first of two equal keys stays."""
        entries: dict[str, Located] = {}
        while not isinstance(event := next(self.events), ev.MappingEndEvent):
            plain = isinstance(event, ev.ScalarEvent) and event.implicit[0]
            key = self.value(event)
            place = key.span if not isinstance(event, ev.AliasEvent) else self.span(event)
            value = self.value(next(self.events))
            if self.accepts(key, place, entries, plain=plain):
                entries[str(key.value)] = Located(value.value, value.span, place)
        return Located(entries, self.reach(start, event, list(entries.values())))

    def accepts(self, key: Located, place: Span, entries: dict[str, Located], *, plain: bool) -> bool:
        """Say whether `key` may stand in a mapping that has `entries`, reporting why not."""
        if not isinstance(key.value, str):
            shown = "a collection" if isinstance(key.value, tuple | dict) else f"{key.value!r}".lower()
            self.report("TW0106", f"a key must be text, not {shown}", place, "put quotes around the key")
            return False
        if plain and key.value == "<<":
            advice = "write the keys out, or put the shared part in the base and the rest in `environments:`"
            self.report("TW0103", "merge keys are not supported", place, advice)
            return False
        first = entries.get(key.value)
        if first is not None:
            note = f"first given at {first.anchor}"
            self.report("TW0102", f"the key `{key.value}` is given twice", place, "keep one of the two", (note,))
            return False
        return True

    def check_tag(self, event: Event) -> None:
        """Report a tag that asks for more than text, lists and mappings."""
        if event.tag not in PLAIN_TAGS[type(event)]:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.report("TW0107", f"the tag {shown} is not allowed", self.span(event), "delete the tag")

    def spend(self, values: int, event: Event) -> None:
        """Count values, aliases in full, so that nested aliases cannot explode."""
        self.count += values
        if self.count > MAX_VALUES:
            message = f"the spec expands to more than {MAX_VALUES:,} values"
            advice = "remove the nested aliases" if self.anchors else "split it into several specs"
            raise Refusal(Diagnostic("TW0108", message, self.span(event), advice))

    def report(self, code: str, message: str, span: Span, advice: str, notes: tuple[str, ...] = ()) -> None:
        """Gather a diagnostic and go on."""
        self.problems.append(Diagnostic(code, message, span, advice, notes))

    def span(self, event: Event) -> Span:
        """Return the place of one event."""
        start, end = event.start_mark, event.end_mark
        return Span(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def reach(self, start: Event, end: Event, items: list[Located]) -> Span:
        """Return the place of a collection; a block one ends where its last item does."""
        first, last = self.span(start), self.span(end)
        if not start.flow_style and items:
            last = items[-1].span
        if (last.end_line, last.end_column) < (first.line, first.column):  # the last item is an alias to earlier text
            last = first
        return Span(self.file, first.line, first.column, last.end_line, last.end_column)
