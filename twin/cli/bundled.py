"""Specs and scenarios that ship with twin: found by path first, then by name among the bundled ones."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from twin.cli.console import say
from twin.errors import UsageError
from twin.spec.shipped import folder, scenario_id
from twin.spec.suggest import nearest

if TYPE_CHECKING:
    from twin.spec.model.promotion import Demanded


def find_spec(path: Path) -> Path:
    """Return the spec that a path means: the file itself, else the bundled one of that name."""
    if path.exists():
        return path
    shipped = folder("specs") / path.name
    if not shipped.is_file():
        known = {file.name: file.name for file in shipped.parent.glob("*.yaml")}
        known |= {file.name: str(file) for file in path.parent.glob("*.y*ml")}
        near = nearest(path.name, known)
        advice = f"; did you mean {known[near]}?" if near else ""
        raise UsageError(f"{path}: there is no such file, and no bundled spec of that name{advice}")
    _tell(path, shipped)
    return shipped


@cache
def _tell(path: Path, shipped: Path) -> None:
    say(f"{path} is not here; this is the bundled one, {shipped}")


def spec_beside(scenario: Path, spec: str) -> Path:
    """Return the spec that a scenario's file names: beside its folder, in `specs` there first, or as it is written."""
    above = scenario.parent.parent
    return next((file for file in (above / "specs" / spec, above / spec) if file.exists()), Path(spec))


def find_scenario(what: str) -> Path:
    """Return the scenario that a path, a bundled file name or a catalogue id means."""
    if Path(what).is_file():
        return Path(what)
    shipped = folder("scenarios")
    if (shipped / Path(what).name).is_file():
        return shipped / Path(what).name
    known = set[str]()
    for here in (Path("scenarios"), shipped):
        for file in sorted(here.glob("*.yaml")):
            if (name := scenario_id(file)) == what:
                return file
            known.add(str(name))
    near = nearest(what, known)
    advice = f"did you mean {near}? " if near else ""
    raise UsageError(f"{what}: there is no such file, and no scenario with that id; {advice}`twin run` lists them")


def find_demanded(demand: "Demanded") -> Path:
    """Return the scenario that a demand of the spec means: one beside the spec, unless it is another than is meant."""
    from twin.attestation.scenario_files import another, digest_of, standing

    file = find_scenario(demand.id)
    found = standing(demand, file)
    if found != file:
        say(f"{file}: {another(demand, digest_of(file))}")
    return found
