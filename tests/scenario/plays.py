"""Scenarios of the catalogue as `twin run` plays them: exit code, results by variant, journal."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from twin.cli import run

ONE_ORG = {
    **dict.fromkeys(("F1", "F2", "F5", "K1", "K4"), 11),
    **dict.fromkeys(("B8", "I2", "K5"), 8),
}
"""The seeds with which the gate plays scenarios of one spec on one org; the catalogue builds each from its own."""


@dataclass(frozen=True)
class Told:
    """What came of a run."""

    code: int
    results: dict
    journal: bytes
    junit: str

    @property
    def verdicts(self) -> dict:
        """The verdict of each variant, None being the scenario itself."""
        return {variant: result["verdict"] for variant, result in self.results.items()}

    @property
    def lost(self) -> dict:
        """What did not hold, by variant."""
        return {
            variant: {check["name"] for check in result["checks"] if not check["held"]}
            for variant, result in self.results.items()
        }

    def other_reasons(self, wanted: dict) -> dict:
        """Return what failed for another reason than it names, of those that were played."""
        told = {variant: [self.results[variant]["reason"], *self.lost[variant]] for variant in self.results}
        return {v: told[v] for v, why in wanted.items() if v in told and not any(why in one for one in told[v])}


@dataclass(frozen=True)
class Plays:
    """Runs scenarios from a home, and remembers what came of each."""

    home: Path
    folder: Path
    whole: bool = False
    known: dict = field(default_factory=dict)

    def __call__(self, name, *variants) -> Told:
        """Run a scenario, or variants of it, unless that was done; `every` stands for the scenario and all of them."""
        asked = (name, *variants)
        if asked not in self.known:
            self.known[asked] = self.again(name, *variants)
        return self.known[asked]

    def again(self, name, *variants) -> Told:
        """Run it whether or not it was run before."""
        files = {form: self.folder / form for form in ("json", "journal", "junit")}
        seed = [] if self.whole or name not in ONE_ORG else [f"--seed={ONE_ORG[name]}"]
        options = ["--variants"] if variants == ("every",) else [f"--variant={variant}" for variant in variants]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TWIN_HOME", str(self.home))
            code = run(["run", name, *seed, *options, *(f"--report={form}={file}" for form, file in files.items())])
        results = {result["variant"]: result for result in json.loads(files["json"].read_text())["results"]}
        return Told(code, results, files["journal"].read_bytes(), files["junit"].read_text())

    def some(self, name, *variants) -> Told:
        """Run a scenario and then some variants of it, as one: exit code 0 when the scenario passed."""
        good, bad = self(name), self(name, *variants)
        return Told(good.code, good.results | bad.results, good.journal + bad.journal, good.junit)
