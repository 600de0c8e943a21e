"""The runs of an org's applier: who carried out which plan and when, with each plan as it was made."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from twin.engine.lock import Holder
from twin.engine.plan import Plan, read
from twin.errors import UsageError

INDEX = "runs.json"
KEPT = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A text under a name, in a folder or a bucket: how it is read, written and dropped."""

    where: str
    read: Callable[[], str | None]
    write: Callable[[str], None]
    drop: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its number, the digest of its plan, who began it and when, what it was to do, what it took back.

    `goes_on` is the digest of the plan that earlier runs began, where it carried out what they left.
    """

    number: int
    plan: str
    at: str
    who: str
    summary: dict[str, int]
    undoes: str = ""
    goes_on: str = ""


class History:
    """The runs in the order in which they began; the plans of the last ones are kept."""

    def __init__(self, page: Callable[[str], Page]) -> None:
        self._page = page

    def runs(self) -> list[Run]:
        """Return the runs whose plans are kept; UsageError when the list cannot be read."""
        return self._listed(self._page(INDEX))

    def _listed(self, page: Page) -> list[Run]:
        try:
            text = page.read()
            return [Run(**item) for item in json.loads(text)["runs"]] if text is not None else []
        except (ValueError, KeyError, TypeError) as error:
            told = f"{page.where} cannot be read; delete it, and there is no way back to before today ({error!r})"
            raise UsageError(told) from error

    def plan(self, run: Run) -> Plan:
        """Return what a run carried out; StaleError when it was changed since."""
        page = self._page(_name(run.number))
        try:
            text = page.read()
        except ValueError as error:
            raise UsageError(f"{page.where} cannot be read: {error!r}") from error
        if text is None:
            raise UsageError(f"{page.where} is gone: what run {run.number} did cannot be told")
        return read(text, page.where)

    def add(self, plan: Plan, holder: Holder) -> None:
        """Keep a plan that is about to be carried out, and forget the oldest one of too many."""
        index = self._page(INDEX)
        runs = self._listed(index)
        number = runs[-1].number + 1 if runs else 1
        page = self._page(_name(number))
        page.read()  # a run that was cut short between its plan and the list has left one
        page.write(_written(plan.document()))
        runs.append(Run(number, plan.digest, holder.since, holder.who, plan.summary, plan.undoes, plan.goes_on))
        index.write(_written({"schema": 1, "runs": [asdict(run) for run in runs[-KEPT:]]}))
        for old in runs[:-KEPT]:
            self._page(_name(old.number)).drop()


def since(runs: Sequence[Run], digest: str) -> list[Run]:
    """Return the last run of a plan and all that came after it; [] when it is not among them."""
    found = [number for number, run in enumerate(runs) if run.plan == digest]
    return list(runs[found[-1] :]) if found else []


def last_forth(runs: Sequence[Run]) -> list[Run]:
    """Return the last run that stands and all after it: where one was taken back already, that one.

    Of a plan that went on, from the run that began it.
    """
    for number in range(len(runs) - 1, -1, -1):
        run = runs[number]
        there = since(runs[:number], run.undoes) if run.undoes else [run]
        if there:
            last = runs.index(there[0])
            begun = since(runs[:last], there[0].goes_on)[:1] if there[0].goes_on else []
            return list(runs[runs.index((begun or there)[0]) :])
    return []


def _name(number: int) -> str:
    return f"runs/{number:04}.json"


def _written(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
