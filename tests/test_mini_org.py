"""The bundled org from nothing to running to nothing again, on an embedded twin."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from twin.analysis.reach import Reach
from twin.blueprints.compile import compile_spec
from twin.clock import VirtualClock
from twin.engine import connect
from twin.engine.apply import Means, Outcome, apply
from twin.engine.plan import Plan
from twin.engine.planner import Planned, Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.observe.iam.org import Document, Identity, Member, text
from twin.observe.iam.read import read_org
from twin.resources.call import aws, okta
from twin.resources.declaration import Desired
from twin.scenario.embedded import endpoints, make_world
from twin.spec.load import load
from twin.world.world import EPOCH

SPEC = Path(__file__).parents[1] / "specs" / "mini-org.yaml"


@dataclass
class Cycle:
    """One life of the org: each stage's plan and outcome, and the calls that each apply took."""

    desired: Desired
    target: Target
    store: Store
    clock: VirtualClock
    plans: dict[str, Plan] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def plan(self, stage: str, *, destroy: bool = False) -> Plan:
        """Read the twin and decide."""
        state, before = self.store.load(), self.target.calls
        snapshot = refresh(self.desired, self.target, state, every_type=destroy)
        request = Request(self.desired, snapshot, state, self.target)
        planned: Planned = (plan_destroy if destroy else plan)(request)
        assert planned.problems == []
        self.calls[f"{stage} (plan)"] = self.target.calls - before
        self.plans[stage] = planned.plan
        return planned.plan

    def apply(self, stage: str) -> None:
        """Carry out the plan of a stage."""
        before = self.target.calls
        means = Means(sleep=self.clock.advance, read_secret=lambda source: source, listen=lambda _: None)
        self.outcomes[stage] = apply(self.plans[stage], self.target, self.store, means)
        self.calls[stage] = self.target.calls - before


@pytest.fixture(scope="session")
def life(tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    """Apply, look twice, forget, look again, break, mend, destroy, look once more, apply again."""
    spec = load(SPEC, "prod", environ={})
    desired, scope = compile_spec(spec)
    clock = VirtualClock(EPOCH)
    world = make_world(scope, seed=1, clock=clock)
    cycle = Cycle(desired, connect.twin(scope, endpoints(world)), Store(tmp_path_factory.mktemp("state")), clock)
    cycle.plan("create")
    cycle.apply("create")
    cycle.plan("again")
    (cycle.store.folder / "state.json").unlink()
    cycle.plan("without state")
    _break(cycle.target)
    cycle.plan("broken")
    cycle.apply("broken")
    cycle.plan("mended")
    cycle.plan("destroy", destroy=True)
    cycle.apply("destroy")
    cycle.plan("gone", destroy=True)
    cycle.plan("return")
    cycle.apply("return")
    cycle.plan("returned")
    return cycle


def _break(target: Target) -> None:
    """What a careless hand might do."""
    bucket = "acme-prod-lake-111122223333"
    target.systems["aws"].execute(aws("s3", "DeletePublicAccessBlock", {"Bucket": bucket}))
    groups = target.systems["okta"].execute(okta("GET", "/api/v1/groups", query={"q": "support"}, pages=True))
    target.systems["okta"].execute(okta("DELETE", f"/api/v1/groups/{groups[0]['id']}"))


def kinds(found: Plan) -> dict[str, str]:
    """Return the pending changes of a plan by address."""
    return {str(change.address): change.action for change in found.pending}


@pytest.mark.parametrize("stage", ["create", "broken", "destroy", "return"])
def test_every_change_succeeds(life: Cycle, stage: str) -> None:
    """Nothing failed, nothing was left out."""
    outcome = life.outcomes[stage]
    assert (outcome.failed, outcome.skipped) == ({}, {})
    assert set(outcome.done) == {change.key for change in life.plans[stage].pending}


@pytest.mark.parametrize("stage", ["again", "without state", "mended", "gone", "returned"])
def test_what_is_as_it_should_be_needs_no_change(life: Cycle, stage: str) -> None:
    """After apply, without a state, after a repair, after destroy and after a second life."""
    assert kinds(life.plans[stage]) == {}


def test_a_first_plan_makes_everything_that_is_not_there(life: Cycle) -> None:
    """What Okta's org has from the start is taken over; everything else is created."""
    made = life.plans["create"].summary
    assert made["create"] + made["no-op"] == len(life.desired)
    assert made["no-op"] <= 2


def test_a_careless_hand_is_seen_and_mended(life: Cycle) -> None:
    """The lifted block, the deleted group, and what belonged to the group."""
    found = kinds(life.plans["broken"])
    assert found["aws.s3.bucket.lake"] == "update"
    assert found["okta.group.support"] == "create"


def test_a_plan_without_changes_is_cheap(life: Cycle) -> None:
    """At most 1.1 calls per resource to look, at most 1.6 to make, at most 1.3 to remove."""
    count = len(life.desired)
    assert life.calls["again (plan)"] <= 1.1 * count
    assert life.calls["create"] <= 1.6 * count
    assert life.calls["destroy"] <= 1.3 * count


def test_only_administrators_reach_administration(life: Cycle) -> None:
    """Over everyone in the org and everything that they can become, the platform group alone administers, by design."""
    scope = life.target.scope
    org = read_org(life.target.systems, scope.account, [scope.region])
    reach = Reach(org)
    people = {one.person for one in org.objects if isinstance(one, Member)}
    groups = {one.group for one in org.objects if isinstance(one, Member)}
    starts = [*reach.principals(), *people, *groups]
    found = {one.rpartition("/")[2] for one in starts if reach.paths(one, "admin", limit=1)}
    assert found == {"acme-prod-admin", "platform", "ada@acme.example", "ben@acme.example"}
    assert len(starts) > len(found) * 5
    worse = next(one for one in org.objects if isinstance(one, Identity) and one.arn.endswith("role/acme-prod-orders"))
    grant = {"Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "*"}
    document = Document("worse", text({"Version": "2012-10-17", "Statement": [grant]}))
    assert reach.update(replace(worse, inline=(*worse.inline, document))).paths(worse.arn, "admin")
