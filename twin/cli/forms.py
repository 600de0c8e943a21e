"""What may be written in a spec or a scenario, by the path of a key: `data.buckets`, `scenario.actors.customers`."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from twin.errors import UsageError
from twin.report.form import Form, lines
from twin.spec.suggest import nearest, nearest_type, suggestion

SPEC, SCENARIO = "spec", "scenario"
SYSTEMS = ("auth0", "aws", "cloudflare", "datadog", "github", "okta", "pagerduty")
"""Sections of a spec that resource types begin with too."""
WITH_KINDS = ("actors", "faults")
"""Keys of a scenario whose items are of a kind, each told something else."""


@dataclass(frozen=True, slots=True)
class Told:
    """A part of a spec or scenario: its path, its form, and what there is to say besides."""

    path: str
    form: Form
    meaning: str
    kinds: Mapping[str, str]
    figures: str = ""

    def text(self) -> Iterator[str]:
        """Yield it line by line."""
        yield f"{self.path}: {self.form.written}" + (f"; {self.meaning}" if self.meaning else "")
        yield ""
        yield from lines(self.form)
        deeper = next((key for key in (self.form.many or self.form).parts if key.keys), None)
        if deeper is not None:
            yield f"\n`twin explain {'' if self.path == SPEC else f'{self.path}.'}{deeper.name}` goes on from there"
        if self.figures:
            yield f"\nfigures: {self.figures}"
        if self.kinds:
            yield "\nkinds:"
            yield from (f"  {self.path}.{name}\n      {meaning}" for name, meaning in self.kinds.items())


def find(path: str) -> Told:
    """Return what a path means; UsageError says what is there instead."""
    first, *steps = path.split(".")
    if first == SCENARIO:
        if len(steps) > 1 and steps[0] in WITH_KINDS:
            told, steps = _kind(".".join((first, *steps[:2])), *steps[:2]), steps[2:]
            form = _below(told.form, told.path, steps)
            return replace(told, path=path, form=form, meaning=form.meaning, figures="") if steps else told
        form, whole = _scenario(), "a scenario"
    elif steps and first in SYSTEMS and (typed := _type(first, *steps)):
        form, whole, steps = _resource(typed), typed, steps[typed.count(".") :]
    else:
        form, whole, steps = _spec(), "a spec", [] if first == SPEC else [first, *steps]
    form = _below(form, whole, steps)
    kinds = _kinds(steps[0]) if first == SCENARIO and len(steps) == 1 and steps[0] in WITH_KINDS else {}
    return Told(path, form, form.meaning, kinds)


def _type(*words: str) -> str:
    """Return the resource type with which a path begins; nothing where it begins with none."""
    from twin.resources.catalogue import catalogue

    starts = (".".join(words[:length]) for length in range(2, len(words) + 1))
    found = next((one for one in starts if one in catalogue()), "")
    if not found and len(words) > 2 and (near := nearest_type(".".join(words[:3]), catalogue())):
        raise UsageError(f"there is no type {'.'.join(words[:3])}; did you mean {near}?")
    return found


def _below(form: Form, whole: str, steps: Sequence[str]) -> Form:
    """Return the form under some keys; among things by name, a word that is no key is taken for one of their names."""
    for done, step in enumerate(steps):
        held = form.many
        below = form.below(step) or (held.below(step) if held is not None else None)
        if below is None:
            known = (held or form).names
            if held is not None and form.entry.get("type") == "object" and nearest(step, known) is None:
                form = held
                continue
            where = ".".join(steps[:done]) or whole
            raise UsageError(f"{where} has no key {step}; {suggestion(step, known, limit=99) or 'it has none'}")
        form = below
    return form


def _resource(type_: str) -> Form:
    from twin.resources.catalogue import catalogue

    return Form.of(catalogue()[type_].model_json_schema())


@cache
def _spec() -> Form:
    from twin.spec.schema import schema

    definitions = schema()["$defs"]
    whole, base = definitions["Org"]["properties"], definitions["OrgBase"]["properties"]
    properties = {**whole, **{name: base[name] for name in base if name not in whole}}
    return Form({**definitions["Org"], "properties": properties}, definitions)


@cache
def _scenario() -> Form:
    from twin.scenario.document import Scenario

    return Form.of(Scenario.model_json_schema())


def _kinds(what: str) -> dict[str, str]:
    if what == "faults":
        from twin.world.faults import kinds as faults

        return {name: _first_line(kind.__doc__) for name, kind in faults().items()}
    from twin.scenario.actors import kinds as actors

    return {name: _first_line(inspect.getmodule(kind).__doc__) for name, kind in actors().items()}


def _kind(path: str, what: str, name: str) -> Told:
    from twin.scenario.actors import kinds as actors
    from twin.world.faults import kinds as faults

    known = faults() if what == "faults" else actors()
    if name not in known:
        raise UsageError(f"there is no kind {name} of {what}; {suggestion(name, known, limit=99)}")
    if what == "faults":
        fault = faults()[name]
        return Told(path, Form.of(fault.OPTIONS.model_json_schema()), _first_line(fault.__doc__), {})
    actor = actors()[name]
    form = Form.of(actors().options(name).model_json_schema())
    return Told(path, form, _first_line(inspect.getmodule(actor).__doc__), {}, _first_line(actor.figures.__doc__))


def _first_line(text: str | None) -> str:
    return inspect.cleandoc(text or "").split("\n\n")[0].replace("\n", " ")
