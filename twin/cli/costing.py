"""Where a command gets costs from: the running twin's meter, or an org that is built on a twin in this process."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from twin.analysis.cost import Costs, environments, read_costs
from twin.cli.compiled import Compiled
from twin.cli.console import say
from twin.cli.session import Session, connect, shelf, workspace
from twin.cli.states import store_of
from twin.engine.inverse import before
from twin.engine.plan import Plan
from twin.errors import UsageError
from twin.semantics.pricing.book import PriceBook, standard_book
from twin.spec.prices import read_prices

if TYPE_CHECKING:
    from twin.scenario.rehearsal import Rehearsal

EMBEDDED_SEED = 0
DAY = 86400


def price_book(compiled: Compiled, prices: Path | None) -> PriceBook:
    """Return the book with the user's prices over it: `--prices`, else those that the spec names."""
    named = compiled.spec.org.billing.prices
    return overlaid(prices or (compiled.spec.path.parent / named if named else None))


def overlaid(prices: Path | None) -> PriceBook:
    """Return the book with a file of prices over it, where one is named."""
    return standard_book().with_overrides(read_prices(prices)) if prices is not None else standard_book()


def account_of(compiled: Compiled, *, days: int | None, prices: Path | None) -> Costs:
    """Return the costs of the running twin, else of an org that is built here and then left alone for `days`."""
    book = price_book(compiled, prices)
    if workspace().served() is None:
        return built(compiled, book, days=days or 0)
    if days is not None:
        raise UsageError("--days is for a twin that is built here; put the running one forward: twin clock advance")
    return running(compiled, book)


def live(compiled: Compiled, *, prices: Path | None) -> Costs:
    """Return the costs of what SPEC's accounts really hold of it now."""
    store = store_of(workspace(), compiled.scope, "live", written=compiled.written("state"))
    session = Session(compiled, connect(compiled.scope, "live"), store)
    return standing(compiled, session.plan(), price_book(compiled, prices))


def standing(compiled: Compiled, plan: Plan, book: PriceBook) -> Costs:
    """Return the costs of what a plan's accounts hold, which is built on a twin here."""
    was = before(plan)
    for key, why in was.lost.items():
        say(f"not counted: {key}: {why}", style="yellow")
    return built(replace(compiled, desired=was.desired), book)


def running(compiled: Compiled, book: PriceBook) -> Costs:
    """Return the costs of the running twin."""
    from twin.cli.controlled import ask

    return read_costs(ask("GET", "usage"), book, environments(compiled.scope))


def built(compiled: Compiled, book: PriceBook, *, days: int = 0) -> Costs:
    """Return the costs of an org that is built on a twin here."""
    from twin.scenario.kept import stand

    say(f"{compiled.spec.path.name} ({len(compiled.desired)} resources) is built on a twin here")
    rehearsal = stand(
        compiled.desired, compiled.scope, seed=EMBEDDED_SEED, shelf=shelf(),
        read_secret=compiled.secret,
    )  # fmt: skip
    if days:
        rehearsal.timeline.run(rehearsal.timeline.elapsed + days * DAY)
    return costs_of(compiled, book, rehearsal)


def costs_of(compiled: Compiled, book: PriceBook, rehearsal: "Rehearsal") -> Costs:
    """Return the costs of an org on a twin in this process."""
    from twin.world.metering.told import told

    return read_costs(told(rehearsal.world.scene), book, environments(compiled.scope))
