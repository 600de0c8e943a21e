"""An org on an embedded twin for tests of the engine: plan, apply and destroy in one line each."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from twin.clock import VirtualClock
from twin.engine import connect
from twin.engine.apply import Means, Outcome, apply
from twin.engine.planner import Planned, Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.resources.call import Call, aws
from twin.resources.declaration import Desired
from twin.resources.resource import Resource
from twin.resources.scope import Scope
from twin.scenario.embedded import endpoints, make_world
from twin.world import snapshot
from twin.world.saas.accounts import cloudflare_account, okta_org
from twin.world.world import EPOCH, World

SEED = 1
SEAL = b"k" * 32
SCOPE = Scope(
    "acme",
    "test",
    "123456789012",
    alias="acme-test",
    region="us-east-1",
    cloudflare_account=cloudflare_account(SEED).account_id,
    okta_url=okta_org(SEED).url,
)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}]}


def desired(**resources: Resource) -> Desired:
    """Return a desired org of the given resources by name; `_` in names is written `-`."""
    found = Desired()
    for name, resource in resources.items():
        found.add(name.replace("_", "-"), resource, ())
    return found


class Wire:
    """The clients of this process, mounted on whichever world was made last: clients are costly."""

    world: World
    targets: ClassVar[dict[Scope, Target]] = {}

    @classmethod
    def mount(cls, world: World, scope: Scope) -> Target:
        """Point the clients at a world; worlds of one seed have the same keys."""
        cls.world = world
        if scope not in cls.targets:
            way = replace(
                endpoints(world),
                handle=lambda request: cls.world.handle(request),
                place=lambda: len(cls.world.evidence),
            )
            cls.targets[scope] = connect.twin(scope, way)
        return cls.targets[scope]


class Faulty:
    """A system that is asked `before` each call, which may raise; what passed goes on to the real one."""

    def __init__(self, inner, before):
        self.inner, self.before = inner, before
        self.sent: list[Call] = []

    @property
    def calls(self):
        return self.inner.calls

    def execute(self, call: Call):
        self.before(call)
        self.sent.append(call)
        return self.inner.execute(call)


class Rig:
    """An empty world, or one that was kept, and a state folder."""

    def __init__(
        self, folder: Path, scope: Scope = SCOPE, *, localstack: str | None = None, kept: bytes | None = None,
        others: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.clock = VirtualClock(EPOCH)
        if kept is None:
            self.world = make_world(scope, seed=SEED, clock=self.clock, localstack=localstack, others=others)
        else:
            self.world = snapshot.restore(kept, SEAL, lambda _: self.clock).world
        self.target = Wire.mount(self.world, scope)
        self.folder = folder
        self.store = Store(folder)
        self.slept: list[float] = []
        self.events: list[object] = []

    def keep(self) -> bytes:
        """Return the world as bytes, for rigs that begin where this one is."""
        return snapshot.save(self.world, SEAL)

    @property
    def aws(self):
        """The AWS client of the administrator."""
        return self.target.systems["aws"]

    def by_hand(self, call: Call):
        """Make a call behind the applier's back."""
        return self.target.systems[call.system].execute(call)

    def ask(self, service: str, operation: str, **params):
        """Make a call of AWS behind the applier's back."""
        return self.by_hand(aws(service, operation, params))

    def faulty(self, before) -> dict[str, Faulty]:
        """Put a faulty system before each vendor's."""
        systems = {name: Faulty(system, before) for name, system in self.target.systems.items()}
        self.target = replace(self.target, systems=systems)
        return systems

    def plan(self, wanted: Desired, *, adopt: bool = False, every_type: bool = False) -> Planned:
        """Plan an org."""
        state = self.store.load()
        return plan(self._request(wanted, state, adopt=adopt, every_type=every_type))

    def plan_destroy(self, wanted: Desired) -> Planned:
        """Plan its removal."""
        return plan_destroy(self._request(wanted, self.store.load(), every_type=True))

    def _request(self, wanted, state, *, adopt=False, every_type=False):
        snapshot = refresh(wanted, self.target, state, every_type=every_type)
        return Request(wanted, snapshot, state, self.target, adopt=adopt)

    def carry_out(
        self, planned, *, stop=lambda: False, read_secret=lambda source: f"the secret of {source}"
    ) -> Outcome:
        """Apply a plan."""
        means = Means(self.slept.append, read_secret, self.events.append, stop)
        return apply(planned, self.target, self.store, means)

    def apply(self, wanted: Desired, **options) -> Outcome:
        """Plan and apply."""
        planned = self.plan(wanted, **options)
        assert planned.problems == []
        return self.carry_out(planned.plan)

    def build(self, wanted: Desired) -> None:
        """Apply an org, of which nothing may fail, and find nothing left to do."""
        outcome = self.apply(wanted)
        assert outcome.good, outcome
        assert self.pending(wanted) == {}

    def pending(self, wanted: Desired, **options) -> dict[str, str]:
        """Return the actions that a plan would take, by key."""
        planned = self.plan(wanted, **options)
        assert planned.problems == []
        return {c.key: c.action for c in planned.plan.pending}

    def destroy(self, wanted: Desired) -> Outcome:
        """Remove everything that is ours."""
        return self.carry_out(self.plan_destroy(wanted).plan)

    def owned(self) -> list[str]:
        """Return every object that carries our mark or that members of ours hold, read over all types."""
        snapshot = refresh(Desired(), self.target, self.store.load(), every_type=True)
        assert snapshot.unreadable == {}
        return [f"{type_} {o.id}" for type_, found in snapshot.objects.items() for o in found if o.owner]

    def strangers(self) -> list[str]:
        """Return every object that no vendor made, over all types, owned or not."""
        snapshot = refresh(Desired(), self.target, self.store.load(), every_type=True)
        return sorted(f"{type_} {o.id}" for type_, found in snapshot.objects.items() for o in found if not o.builtin)
