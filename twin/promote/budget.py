"""What a plan adds to a whole month: the org before it and the org after it, each on a twin, by the meter's prices."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from twin.analysis.cost import read_costs
from twin.engine.inverse import before
from twin.engine.plan import Plan
from twin.engine.shelf import Shelf
from twin.errors import TargetError
from twin.resources.call import okta
from twin.resources.declaration import Desired
from twin.resources.scope import Scope
from twin.scenario.kept import stand
from twin.scenario.stand_ins import made_up
from twin.semantics.pricing.bill import cents
from twin.semantics.pricing.book import PriceBook
from twin.world.metering.held import Place
from twin.world.metering.told import told

SEED = 0


@dataclass(frozen=True, slots=True)
class Monthly:
    """What an org costs in a whole month before and after a plan, in US dollars, without what is paid by the piece."""

    before: Decimal
    after: Decimal

    def told(self) -> dict[str, str]:
        """Return it as an attestation says it, to the cent."""
        return {"currency": "USD", "before": str(cents(self.before)), "after": str(cents(self.after))}


@dataclass(frozen=True, slots=True)
class Meter:
    """By which prices, with which secrets and from which shelf orgs are built and measured."""

    book: PriceBook
    read_secret: Callable[[str], str]
    shelf: Shelf | None

    def month(self, desired: Desired, scope: Scope, places: set[Place]) -> Decimal:
        """Return what an org costs in a whole month, looking at `places` too; adds to them those that it looks at."""
        stood = stand(desired, scope, seed=SEED, read_secret=self.read_secret, shelf=self.shelf)
        scene = stood.world.scene
        # An org at Okta has an administrator from the start, who is paid for before and after.
        stood.target.systems["okta"].execute(okta("GET", "/.well-known/okta-organization"))
        for place in sorted(places):
            scene.meter.touch_place(place, scene.now())
        month = read_costs(told(scene), self.book, {}).whole_month.total
        places |= set(scene.meter.open)
        return month

    def monthly(self, plan: Plan, desired: Desired) -> Monthly:
        """Return what a plan's org costs before and after it; TargetError when nothing tells what stood before."""
        was = before(plan)
        if was.lost:
            raise TargetError(
                "what it costs now cannot be told: " + "; ".join(f"{k}: {v}" for k, v in was.lost.items())
            )
        earlier = replace(self, read_secret=made_up(desired, self.read_secret, SEED))
        places: set[Place] = set()  # what vendors made themselves costs the same before and after
        after = self.month(desired, plan.scope, places)
        return Monthly(earlier.month(was.desired, plan.scope, places), after)
