"""What behaviors see of the world: its agenda, its stores, what is broken, and the seed's choices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from twin.semantics.pricing.book import PriceBook, standard_book
from twin.world.agenda import Agenda
from twin.world.conditions import Conditions, Part
from twin.world.delays import Provisioning, delay
from twin.world.ids import Ids
from twin.world.metering.meter import Meter

if TYPE_CHECKING:
    from twin.world.edge import Edge
    from twin.world.gateway import Gateway
    from twin.world.injection import Faults
    from twin.world.outbox import Outbox
    from twin.world.reach import Reach
    from twin.world.vendors import Vendors


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the world did or suffered: `kind` (`rds.failover.completed`) and its facts, plain data."""

    time: datetime
    kind: str
    facts: Mapping[str, Any]


Listener = Callable[[Happening], None]


class Scene:
    """The world from inside. Behaviors change the stores through it, and tell by `emit` what they did."""

    def __init__(self, *, seed: int | str, agenda: Agenda, provisioning: Provisioning) -> None:
        self.seed = seed
        self.agenda = agenda
        self.provisioning = provisioning
        self.conditions = Conditions()
        self.happenings: list[Happening] = []
        self.listeners: list[Listener] = []
        self.memory: dict[str, Any] = {}
        self.delays_used: dict[str, int] = {}
        self.meter = Meter()
        self.own_prices: PriceBook | None = None
        self.gateway: Gateway
        self.faults: Faults
        self.vendors: Vendors
        self.edge: Edge
        # Modules of behaviors that do nothing in this world, as they would see half of the truth.
        self.idle: frozenset[str] = frozenset()
        self.outbox: Outbox
        self.reach: Reach
        self.served_at: str | None = None
        self.elsewhere: Callable[[str], list[dict[str, Any]] | None] = lambda name: None
        self._chances: dict[str, Random] = {}

    @property
    def prices(self) -> PriceBook:
        """The price book: the user's own, else ours."""
        return self.own_prices or standard_book()

    def now(self) -> datetime:
        """Return the world's instant, in UTC."""
        return self.agenda.now()

    def after(self, seconds: float, task: str, **told: Any) -> int:
        """Have a task carried out in `seconds`: the function that `@happens(task)` binds, told plain data."""
        return self.agenda.after(seconds, task, **told)

    def chance(self, name: str) -> Random:
        """Return a stream of choices of its own, so that one behavior does not move another's."""
        if name not in self._chances:
            self._chances[name] = Random(f"twin:{self.seed}:{name}")  # noqa: S311 - reproducible, not secret
        return self._chances[name]

    def redraw(self, seed: int | str) -> None:
        """Have every choice from now on come from another seed; what was chosen before stays."""
        self.seed, self._chances = seed, {}

    def ids(self, name: str) -> Ids:
        """Return a source of ids of its own, which continues over calls."""
        kept: Ids = self.memory.setdefault(f"ids:{name}", Ids(f"{name}:{self.seed}"))
        return kept

    def delay(self, name: str) -> float:
        """Draw the seconds that `file.key` takes; creation takes none unless the world provisions in real time."""
        found = delay(name)
        if found.creation and self.provisioning == "instant":
            return 0.0
        self.delays_used[name] = self.delays_used.get(name, 0) + 1
        return found.draw(self.chance(name))

    def emit(self, kind: str, **facts: Any) -> Happening:
        """Tell what happened; the functions that watch this kind act on it before this returns."""
        from twin.world.behaviors import WATCHERS

        happening = Happening(self.now(), kind, facts)
        self.happenings.append(happening)
        for listener in self.listeners:
            listener(happening)
        for watcher in WATCHERS.get(kind, ()):
            if watcher.__module__ not in self.idle:
                watcher(self, happening)
        return happening

    def break_(self, part: Part, name: str) -> None:
        """Break a part of the world; `part.lost` is emitted when it worked before."""
        if self.conditions.break_(part, name):
            self.emit(f"{part}.lost", name=name)

    def mend(self, part: Part, name: str) -> None:
        """Mend a part of the world; `part.restored` is emitted when nothing else keeps it broken."""
        if self.conditions.mend(part, name):
            self.emit(f"{part}.restored", name=name)

    def state(self, service: str, account: str, region: str) -> Any:
        """Return the store's backend of a service in an account and Region (global services have one)."""
        from twin.world.stores.moto_store import backends

        held = backends(service)[account]
        return held[region if region in held else "aws"]

    def call(self, operation: str, params: Mapping[str, Any], *, account: str, region: str, by: str) -> dict[str, Any]:
        """Make the call `service:Operation` as the service `by` (`autoscaling.amazonaws.com`); AwsError when refused.

        It is in the trail as that service's, and needs nobody's permission.
        """
        return self.gateway.perform(operation, params, account=account, region=region, by=by)

    def __getstate__(self) -> dict[str, Any]:
        kept = {name: value for name, value in vars(self).items() if name not in ("gateway", "listeners", "outbox")}
        return kept | {"listeners": [], "served_at": None}
