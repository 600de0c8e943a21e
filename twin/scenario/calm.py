"""The control run: the same seed, no fault, no attacker. It must pass; what the other run has more is the damage."""

from collections.abc import Mapping
from typing import Any

from twin.scenario.document import Alert, Page, Scenario
from twin.scenario.findings import Findings
from twin.scenario.verdict import NOTHING, Check, Result

# Figures of which a run without faults and attackers has none.
OF_FAULTS = ("fault.", "collateral.", "breach.", "runbook.", "bill.", "paging.", "alert.")
ATTACKERS = ("attacker", "ci-intruder", "okta-intruder", "outsider", "token-thief")


def calm(scenario: Scenario) -> Scenario | None:
    """Return the control run of a scenario; None when it has neither faults nor attackers, or wants none."""
    hostile = {name for name, actor in scenario.actors.items() if actor.kind in ATTACKERS}
    if not (scenario.faults or hostile) or scenario.control == "none":
        return None
    peaceful = {name: actor for name, actor in scenario.actors.items() if name not in hostile}
    told = isinstance(scenario.begin, Page) or (isinstance(scenario.begin, Alert) and not scenario.begin.unprovoked)
    gone: tuple[str, ...] = OF_FAULTS if hostile or told else OF_FAULTS[:2]
    gone += tuple(f"{name}." for name in sorted(hostile))
    kept: dict[str, Any] = {"faults": {}, "effects": {}, "expect": _kept(scenario.expect, gone), "actors": peaceful}
    kept["control"] = "none"  # it has none of its own
    if scenario.converge is not None:
        converge = scenario.converge.model_copy(update={"expect": _kept(scenario.converge.expect, gone)})
        kept["converge"] = converge if converge.expect or converge.drift else None
    if scenario.findings is not None:
        kept["findings"] = Findings()  # without trouble nothing tells of any
    if scenario.control == "without-runbook":
        kept["runbook"] = {}
    return scenario.model_copy(update=kept)


def _kept(expectations: Mapping[str, Any], gone: tuple[str, ...]) -> dict[str, Any]:
    """Leave out figures that the control run lacks; with `key`, what somebody's stolen credentials are refused."""
    return {n: e for n, e in expectations.items() if not (e.figure or "").startswith(gone)}


def control_check(control: Result) -> Check:
    """Say whether the control run passed."""
    # Where all that is expected is about the fault or the attack, nothing is left that could fail without it.
    held = control.verdict == "PASS" or (control.verdict == "VACUOUS" and control.reason == NOTHING)
    found = control.verdict if held else f"{control.verdict}: {control.reason}"
    return Check("the control run passes", "control", held, found, "PASS")


def collateral(figures: Mapping[str, Any], control: Result) -> dict[str, Any]:
    """Return by how much each figure differs from the control run's."""
    found: dict[str, Any] = {}
    for name, value in figures.items():
        other = control.figures.get(name)
        if _number(value) and _number(other):
            found[f"collateral.{name}"] = round(value - other, 6)
    return found


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
