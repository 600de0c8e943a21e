"""What a run means: PASS only when everything held and something was tested."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from twin.resources.call import Refused
from twin.scenario.document import Expectation
from twin.scenario.stage import Stage
from twin.scenario.told import found
from twin.scenario.values import Unplayable, WrongExpression

Kind = Literal["control", "trouble", "runbook", "expect", "converge", "effect"]
NOTHING = "nothing was expected"
Verdict = Literal["PASS", "FAIL", "VACUOUS", "UNSUPPORTED", "ERROR"]


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation or effect, and what was found."""

    name: str
    kind: Kind
    held: bool
    found: Any
    wanted: str
    why: str = ""
    because: str = ""
    """What caused it, where the actor whose figure it is can tell."""


@dataclass(frozen=True, slots=True)
class Result:
    """A run: verdict, checks, figures, journal."""

    scenario: str
    variant: str | None
    verdict: Verdict
    reason: str
    checks: tuple[Check, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    journal: str = ""
    seed: int = 0
    lacks: str = ""
    """The name that nothing has saved, where that is why it is an ERROR."""


def judge(checks: tuple[Check, ...]) -> tuple[Verdict, str]:
    """Return the verdict and its reason: without trouble nothing counts; then failures, then what had no effect."""
    for check in checks:
        if check.kind == "control" and not check.held:
            return "ERROR", f"the control run failed: {tell(check)}"
    if any(check.kind == "trouble" and not check.held for check in checks):
        lost = [check for check in checks if not check.held]
        lost.sort(key=lambda check: check.kind not in ("trouble", "effect"))
        return "VACUOUS", "; ".join(map(tell, lost))
    for kind, verdict in (("runbook", "FAIL"), ("expect", "FAIL"), ("converge", "FAIL"), ("effect", "VACUOUS")):
        lost = [check for check in checks if check.kind == kind and not check.held]
        if lost:
            return ("FAIL" if verdict == "FAIL" else "VACUOUS"), "; ".join(tell(check) for check in lost)
    if not any(check.kind in ("expect", "converge") for check in checks):
        return "VACUOUS", NOTHING
    return "PASS", "everything held"


def tell(check: Check) -> str:
    """Say in words what a check found."""
    because = f", because {check.because}" if check.because and not check.held else ""
    told = repr(check.found) if isinstance(check.found, str) else found(check.found)
    return f"{check.name}: {told}, wanted {check.wanted}{because}"


def examine(
    kind: Kind,
    expectations: Mapping[str, Expectation],
    figures: Mapping[str, Any],
    stage: Stage,
) -> list[Check]:
    """Check expectations against the figures and against the world."""
    return [
        Check(
            name,
            kind,
            *_found(expectation, figures, stage),
            wanted=_wanted(expectation),
            why=expectation.why,
            because=_because(expectation.figure or "", figures),
        )
        for name, expectation in expectations.items()
    ]


def _because(figure: str, figures: Mapping[str, Any]) -> str:
    """Return what caused a figure, or whatever its actor counts."""
    return str(figures.get(f"{figure}.because") or figures.get(f"{figure.partition('.')[0]}.because", ""))


def _found(expectation: Expectation, figures: Mapping[str, Any], stage: Stage) -> tuple[bool, Any]:
    if expectation.figure is not None:
        value = figures.get(expectation.figure)
        return _within(expectation, value, stage), value
    assert expectation.call is not None
    keys = stage.keys(expectation.key, expectation.call)
    try:
        reply = stage.call(stage.values.fill(expectation.call), stage.values.fill(expectation.with_), keys)
    except Refused as refused:
        return refused.code == expectation.refused, f"refused: {refused.code}"
    if expectation.refused is not None:
        return False, "allowed"
    asked = expectation.value or "@"
    value = stage.values.pick(asked, reply)
    try:
        return _within(expectation, value, stage), value
    except TypeError as error:
        raise WrongExpression(asked, f"{value!r} is no number, to be at most or at least something") from error


def _within(expectation: Expectation, value: Any, stage: Stage) -> bool:
    if value is None:
        return False
    low, high = expectation.at_least, expectation.at_most
    bounded = not (low is None and high is None)
    if bounded and expectation.figure is not None and not isinstance(value, int | float):
        raise Unplayable(f"{expectation.figure} is {value!r}, which at_most and at_least do not bound; write `equals`")
    if expectation.equals is not None and value != stage.values.fill(expectation.equals):
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _wanted(expectation: Expectation) -> str:
    parts = [f"refusal {expectation.refused}"] if expectation.refused is not None else []
    parts += [f"at least {expectation.at_least:g}"] if expectation.at_least is not None else []
    parts += [f"at most {expectation.at_most:g}"] if expectation.at_most is not None else []
    if (equals := expectation.equals) is not None:
        parts.append(repr(equals) if isinstance(equals, str) else found(equals))
    return " and ".join(parts)
