"""Specs and scenarios that ship with twin: found by path first, then by name among the bundled ones."""

from pathlib import Path
from typing import TYPE_CHECKING

from twin.cli.console import say
from twin.errors import UsageError
from twin.spec.shipped import folder, scenario_id

if TYPE_CHECKING:
    from twin.spec.model.promotion import Demanded


def find_spec(path: Path) -> Path:
    """Return the spec that a path means: the file itself, else the bundled one of that name."""
    if path.exists():
        return path
    shipped = folder("specs") / path.name
    if not shipped.is_file():
        raise UsageError(f"{path}: there is no such file, and no bundled spec of that name")
    return shipped


def spec_beside(scenario: Path, spec: str) -> Path:
    """Return the spec that a scenario's file names: in `specs` beside its folder, or as it is written."""
    beside = scenario.parent.parent / "specs" / spec
    return beside if beside.exists() else Path(spec)


def find_scenario(what: str) -> Path:
    """Return the scenario that a path, a bundled file name or a catalogue id means."""
    if Path(what).is_file():
        return Path(what)
    shipped = folder("scenarios")
    if (shipped / Path(what).name).is_file():
        return shipped / Path(what).name
    for here in (Path("scenarios"), shipped):
        for file in sorted(here.glob("*.yaml")):
            if scenario_id(file) == what:
                return file
    raise UsageError(f"{what}: there is no such file, and no scenario with that id; `twin run` lists them")


def find_demanded(demand: "Demanded") -> Path:
    """Return the scenario that a demand of the spec means: one beside the spec, unless it is another than is meant."""
    from twin.attestation.scenario_files import another, digest_of, standing

    file = find_scenario(demand.id)
    found = standing(demand, file)
    if found != file:
        say(f"{file}: {another(demand, digest_of(file))}")
    return found
