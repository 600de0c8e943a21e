"""A probe: calls in order, each with the answer that the vendor documents, read from `probes/*.yaml`."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from twin.data_files import read_yaml
from twin.scenario.duration import seconds

FOLDER = Path(__file__).parent / "probes"
Seconds = Annotated[float, BeforeValidator(seconds)]


class Part(BaseModel):
    """A part of a probe file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Judgement(Part):
    """What a value of a reply must be, when it is not simply equal to something."""

    contains: Any = None
    at_least: float | None = None
    at_most: float | None = None
    matches: str | None = None
    unlike: Any = None
    absent: bool | None = None

    @model_validator(mode="after")
    def one_thing(self) -> "Judgement":
        """A judgement without a bound cannot fail."""
        if not self.model_fields_set:
            raise ValueError("a judgement says contains, at_least, at_most, matches, unlike or absent")
        return self


class Step(Part):
    """One call and its right answer, or time that passes."""

    call: str | None = None
    """`service:Operation` of AWS, or `okta METHOD /path`, `cloudflare METHOD /path`."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Its parameters; `${name}` stands for a saved value, `${unique}` for a text of this run's own."""
    region: str | None = None
    as_: str | None = Field(default=None, alias="as")
    """The name of saved credentials (`AccessKey`, `Credentials`) with which the call is made."""
    refused: str | list[str] | None = None
    """The code, or one of the codes, with which the vendor refuses the call."""
    holds: dict[str, Any] = Field(default_factory=dict)
    """JMESPath expressions on the reply, each with the value or the judgement that it must meet."""
    save: dict[str, str] = Field(default_factory=dict)
    """Names for parts of the reply, as JMESPath expressions."""
    wait: Seconds | None = None
    """Let time pass; a target without virtual time cannot run the probe."""
    use: str | None = None
    """The name of a fragment of the file, whose steps stand here."""

    @model_validator(mode="after")
    def one_thing(self) -> "Step":
        """A step is one of three things, and a refused call has no result to judge."""
        if sum(part is not None for part in (self.call, self.wait, self.use)) != 1:
            raise ValueError("a step has one of `call`, `wait`, `use`")
        if self.refused and (self.holds or self.save):
            raise ValueError("a refused call has no result to judge or save")
        return self

    @property
    def service(self) -> str | None:
        """The service of AWS that the step calls; None for other vendors and for steps that call nobody."""
        return self.call.partition(":")[0] if self.call and " " not in self.call else None


class Probe(Part):
    """A known right answer of a vendor, and the calls that show it."""

    area: str
    name: str
    capability: str | None = None
    """The capability of the twin that the probe proves."""
    row: str | None = None
    """The line of docs/fidelity.md that the probe stands for."""
    source: str
    """Where the vendor documents it."""
    provisioning: Literal["instant", "real"] = "instant"
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def can_fail(self) -> "Probe":
        """A probe judges something: a refusal, a value, or at least that its calls are answered."""
        if not any(step.call for step in self.steps):
            raise ValueError(f"{self.area}/{self.name} makes no call")
        return self


@cache
def probes() -> tuple[Probe, ...]:
    """Read every probe, by area and name; ValueError names the file of one that does not fit."""
    return tuple(probe for path in sorted(FOLDER.glob("*.yaml")) for probe in read(path))


def read(path: Path) -> Iterator[Probe]:
    """Yield the probes of a file."""
    written = read_yaml(path.read_text(encoding="utf-8"))
    fragments: Mapping[str, Any] = written.get("fragments") or {}
    source = written.get("source")
    for name, told in written["probes"].items():
        steps = [expanded for step in told["steps"] for expanded in _expand(step, fragments)]
        given = {"source": source} | told | {"area": written["area"], "name": name, "steps": steps}
        try:
            yield Probe.model_validate(given)
        except ValueError as wrong:
            raise ValueError(f"{path.name}: {name}: {wrong}") from wrong


def _expand(step: Mapping[str, Any], fragments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "use" not in step:
        yield step
        return
    for inner in fragments[step["use"]]:
        yield from _expand(inner, fragments)
