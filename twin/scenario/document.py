"""A scenario file: what breaks, who answers, what must hold; and its variants, on which it must fail."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, ValidationError, model_validator

from twin.attestation.scenario_files import digest
from twin.diagnostics import Diagnostic
from twin.errors import SpecError
from twin.scenario.findings import Findings
from twin.scenario.mistakes import diagnose
from twin.scenario.on_call import Alert, OnCall, Page
from twin.scenario.runbook import read_page, steps_of
from twin.scenario.step import Part, Period, Seconds, Step
from twin.spec import document as documents
from twin.spec.located import Located, with_lists
from twin.spec.problems import place
from twin.spec.suggest import nearest

__all__ = [
    "ActorSpec", "Alert", "Convergence", "Expectation", "Exploration", "FaultSpec", "Move", "Page", "Part", "Scenario",
    "Seconds", "Step", "Variant", "load", "merge", "spec_patch", "vary",
]  # fmt: skip


def _beginning(value: Any) -> str:
    """Tell what a responder begins by: a page, an alert, or the clock."""
    if isinstance(value, Mapping):
        return "page" if nearest(str(next(iter(value), "")), ("alerted", "paged")) == "paged" else "alert"
    return "page" if isinstance(value, Page) else "alert" if isinstance(value, Alert) else "time"


Begin = Annotated[
    Annotated[Seconds, Tag("time")] | Annotated[Alert, Tag("alert")] | Annotated[Page, Tag("page")],
    Discriminator(_beginning),
]


class ActorSpec(Part):
    """An actor: which kind, and what it is told."""

    kind: str
    """Which kind; `scenario.actors.KIND` tells what one is told."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """What it is told."""


class FaultSpec(Part):
    """A fault: which kind, what it breaks, when it begins and for how long."""

    kind: str
    """Which kind; `scenario.faults.KIND` tells what one is told."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """What it breaks."""
    at: Seconds = 0.0
    """When it begins, from when the actors start."""
    for_: Seconds | None = Field(default=None, alias="for")
    """How long it lasts; without it, to the end of `duration`."""
    why: str = ""
    """Why it may happen."""


class Expectation(Part):
    """What must hold at the end: a figure within bounds, or a call that answers as it should."""

    figure: str | None = None
    """A figure that an actor or the runbook reports, `actor.name`."""
    at_most: float | None = None
    """The most that the figure, or the call's `value`, may be."""
    at_least: float | None = None
    """The least that it must be."""
    equals: Any = None
    """What it must be."""
    call: str | None = None
    """An API call, `service:Operation` or `okta METHOD /path`, made at the end of the run."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """The call's parameters."""
    value: str | None = None
    """A JMESPath expression on the reply, compared by `equals`."""
    refused: str | None = None
    """The error code with which the call must be refused."""
    key: str | None = None
    """The name of saved credentials with which the call is made, instead of the responder's."""
    why: str = ""
    """Why it must hold."""

    @model_validator(mode="after")
    def one_thing(self) -> "Expectation":
        """An expectation is about a figure or about a call, and bounds what it is about."""
        if (self.figure is None) == (self.call is None):
            raise ValueError("an expectation has either `figure` or `call`")
        bounds = (self.at_most, self.at_least, self.equals, self.refused)
        if all(bound is None for bound in bounds):
            raise ValueError("an expectation without a bound cannot fail: at_most, at_least, equals or refused")
        if self.refused is None and self.call and self.value is None:
            raise ValueError("an expectation on a call names the `value` that is compared, or `refused`")
        return self


class Convergence(Part):
    """What holds again, some time after the last fault was healed."""

    within: Seconds
    """How long it may take."""
    every: Period = 60.0
    """How often it is looked at."""
    expect: dict[str, Expectation] = Field(default_factory=dict)
    """What must hold by then."""
    drift: Literal["none"] | None = None
    """With `none`, the org is again as its spec wants it: a plan would change nothing."""

    @model_validator(mode="after")
    def one_condition(self) -> "Convergence":
        """Nothing converges to nothing."""
        if not self.expect and self.drift is None:
            raise ValueError("convergence has conditions: `expect`, or `drift: none`")
        return self


class Variant(Part):
    """A patch on the scenario, or on its org, on which it must fail, or have the verdict that it names."""

    title: str
    """What is other in it."""
    patch: dict[str, Any] = Field(default_factory=dict)
    """A JSON merge patch (RFC 7396) on the scenario: mappings merge, null removes."""
    spec: dict[str, Any] = Field(default_factory=dict)
    """Such a patch on the spec of the org, by which another org is built; items of a list go by their `name`."""
    verdict: Literal["FAIL", "VACUOUS", "PASS"] = "FAIL"
    """What it must come to: PASS for a part of what happens that must be withstood by itself."""

    @model_validator(mode="after")
    def differs(self) -> "Variant":
        """A variant without a difference is the scenario itself."""
        if not self.patch and not self.spec:
            raise ValueError("a variant has a `patch` on the scenario or a `spec`, a patch on the org's spec")
        return self


class Move(Part):
    """Steps of the runbook that belong together, and those that take them back at the end."""

    do: list[str] = Field(min_length=1)
    """Steps that are done."""
    undo: list[str] = Field(default_factory=list)
    """Steps that take them back."""


class Exploration(Part):
    """Moves of the responder whose order `twin explore` searches; the names are those of the runbook's steps."""

    before: list[str] = Field(default_factory=list)
    """Steps that come first in every order."""
    moves: dict[str, Move] = Field(min_length=2)
    """Steps of which each may come before or after the others."""


class Scenario(Part):
    """A scenario."""

    id: str
    """What `twin run` calls it."""
    title: str
    """What it is, in a line."""
    about: str = ""
    """What happens in it, for people."""
    spec: str
    """The spec of the org on which it runs."""
    environment: str | None = None
    """The environment of the spec; its default without it."""
    seed: int = 0
    """Where every choice comes from."""
    duration: Period
    """How long the actors act."""
    requires: tuple[str, ...] = ()
    """Capabilities that the target must have."""
    accounts: dict[str, str] = Field(default_factory=dict)
    """Other AWS accounts of the world, by a name that stands for their administrator's credentials in `as`."""
    iam_takes_time: bool = False
    """Whether what is written to IAM counts only after its documented time, and not at once."""
    let: dict[str, Any] = Field(default_factory=dict)
    """Names for values; `${aws.…}` refers to the org's resources as their endpoints tell them."""
    setup: dict[str, Step] = Field(default_factory=dict)
    """Steps before the clock starts."""
    actors: dict[str, ActorSpec] = Field(default_factory=dict)
    """Who acts while the runbook is carried out."""
    faults: dict[str, FaultSpec] = Field(default_factory=dict)
    """What breaks, when, for how long; a fault without an effect makes the run VACUOUS."""
    control: Literal["with-runbook", "without-runbook", "none"] = "with-runbook"
    """The run without faults and attackers that is made beside the one with them, with the same seed; it must pass."""
    converge: Convergence | None = None
    """The liveness phase: what must hold again after the faults."""
    runbook: dict[str, Step] = Field(default_factory=dict)
    """The responder's steps; or the name of a Markdown file with them."""
    responder: str | None = None
    """The name of the credentials with which the runbook's steps are made; the administrator's without it."""
    on_call: OnCall | None = None
    """The PagerDuty account of the org, and who is on call; what the org's spec says of them without it."""
    begin: Begin = 0.0
    """When the responder starts: after a while, when an alert comes, or when somebody on call takes an incident."""
    explore: Exploration | None = None
    """What `twin explore` may reorder."""
    effects: dict[str, Expectation] = Field(default_factory=dict)
    """What shows that anything was tested at all; where one does not hold, the run is VACUOUS."""
    findings: Findings | None = None
    """What must tell of it, and nothing else; a variant is held to it where its patch says so."""
    expect: dict[str, Expectation]
    """What must hold at the end."""
    variants: dict[str, Variant] = Field(default_factory=dict)
    """What must come to another verdict: the mistakes that it has to notice."""
    _root: Located | None = PrivateAttr(default=None)
    _digest: str = PrivateAttr(default="")

    @property
    def digest(self) -> str:
        """The digest of the very file and page from which it was read; nothing for what is no file's as it stands."""
        return self._digest

    def place_of(self, text: str) -> str:
        """Return where a text stands in the scenario's file, as `file:line: `; nothing for one of a runbook's page."""
        waiting = [self._root] if self._root is not None else []
        while waiting:
            here = waiting.pop()
            if here.value == text:
                return f"{here.span.file}:{here.span.line}: "
            waiting += reversed(here.value if isinstance(here.value, tuple) else tuple(here.children.values()))
        return ""


def outline(path: Path) -> Scenario:
    """Read a scenario without asking whether its names and calls lead anywhere; SpecError where it has no form."""
    return _formed(path)[0]


def load(path: Path) -> tuple[Scenario, Mapping[str, Any]]:
    """Read a scenario and the plain values that variants patch; SpecError has every located problem."""
    scenario, values, root = _formed(path)
    found = _lost(scenario, (), root)
    for name in scenario.variants:
        at = ("variants", name, "patch")
        try:
            found = found or _lost(vary(values, scenario, name), at, root)
        except ValidationError as error:
            raise SpecError(diagnose(error, Scenario, root, at)) from None
    if found:
        raise SpecError(found)
    return scenario, values


def _formed(path: Path) -> tuple[Scenario, Mapping[str, Any], Located]:
    """Return a scenario, its plain values, and where they stand in the file."""
    text, page = documents.content(path), None
    document = documents.compose(text, str(path))
    if document.root is None or document.diagnostics:
        raise SpecError(document.diagnostics)
    values = with_lists(document.root.plain())
    if isinstance(values.get("runbook"), str):
        file = path.parent / values["runbook"]
        page = read_page(file)
        values["runbook"] = steps_of(page, file)
    try:
        scenario = Scenario.model_validate(values)
    except ValidationError as error:
        raise SpecError(diagnose(error, Scenario, document.root)) from None
    scenario._root, scenario._digest = document.root, digest(text, page)
    return scenario, values, document.root


def _lost(scenario: Scenario, at: tuple[str, ...], root: Located) -> list[Diagnostic]:
    """Locate names, calls and expressions that lead nowhere."""
    from twin.scenario.check import problems

    return [
        Diagnostic("TW0904", f"{'.'.join(path)}: {text}", place(root, (*at, *path)))
        for path, text in problems(scenario)
    ]


def vary(values: Mapping[str, Any], scenario: Scenario, name: str) -> Scenario:
    """Return a scenario's variant."""
    patch = scenario.variants[name].patch
    patched = {**merge(values, patch), "variants": {}}
    # Another org, or another attack, is told of otherwise.
    varied = Scenario.model_validate(patched if "findings" in patch else {**patched, "findings": None})
    varied._root = scenario._root
    return varied


def spec_patch(path: Path, name: str) -> Located | None:
    """Return a variant's patch on the spec, with its places in the scenario's file; None where it has none."""
    root = documents.read(path).root
    return root.find(("variants", name, "spec")) if root is not None else None


def merge(base: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(base) if isinstance(base, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result
