"""A state that a folder brought along, or that a hand wrote, makes nothing ours: least of all what bears no tag."""

import json
from dataclasses import replace

import pytest
from rig import SCOPE, Rig, Wire, desired

from twin.address import Address
from twin.engine.apply import Means, apply
from twin.engine.lock import Claim
from twin.engine.plan import Change
from twin.engine.planner import Request, blind, observed_digest, plan
from twin.engine.refresh import refresh
from twin.engine.staleness import refuse_stale
from twin.engine.state import State, Store
from twin.engine.state_seal import StateSeal
from twin.errors import StaleError
from twin.resources.aws.iam_group import Group
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.metric_filter import MetricFilter
from twin.resources.cloudflare.zone import Zone
from twin.resources.datadog.pagerduty_service import PagerDutyService
from twin.resources.declaration import Desired
from twin.resources.okta.user import User
from twin.resources.pagerduty.escalation_policy import EscalationPolicy, Level
from twin.resources.pagerduty.service import Integration, Service
from twin.resources.pagerduty.user import User as OnCall

PLACE = replace(SCOPE, pagerduty="acme", datadog="datadoghq.com")
KEY = b"k" * 32
THEIRS = desired(
    chief=User(login="chief@rival.example", email="chief@rival.example", first_name="Ri", last_name="Val"),
    site=Zone(name="rival.example", plan="free"),
    staff=Group(name="rivals"),
    logs=LogGroup(name="rivals"),
    errors=MetricFilter(name="errors", group="${aws.logs.group.logs.name}", pattern="ERROR", namespace="n", metric="m"),
    ada=OnCall(name="Ada", email="ada@rival.example"),
    shop=EscalationPolicy(name="Shop", levels=[Level(users=("${pagerduty.user.ada.id}",), minutes=5)]),
    front=Service(name="Shop", escalation_policy="${pagerduty.escalation_policy.shop.id}"),
    tells=Integration(service="${pagerduty.service.front.id}", name="Datadog"),
    pages=PagerDutyService(name="rivals", integration="${pagerduty.integration.tells.id}"),
)
TAGLESS = {
    "okta.user.chief", "cloudflare.zone.site", "aws.iam.group.staff", "aws.logs.metric_filter.errors",
    "pagerduty.integration.tells", "datadog.pagerduty_service.pages",
}  # fmt: skip


@pytest.fixture(scope="module")
def rival(tmp_path_factory):
    """An org of another owner in the same accounts, with its state; some of its types have no tags."""
    rig = Rig(tmp_path_factory.mktemp("rival"), PLACE)
    rig.target = Wire.mount(rig.world, replace(PLACE, org="rival"))
    rig.build(THEIRS)
    yield rig
    rig.world.close()


@pytest.fixture
def forged(rival, tmp_path):
    """A maker of stores in a folder with the state, or the journal, of the other org."""

    def make(name, *, seal=True, journal=False):
        told = []
        key = StateSeal(KEY, "live-1") if seal else None
        store = Store(tmp_path / name, Claim(tell=told.append), seal=key)
        store.folder.mkdir()
        entries = rival.store.load().entries
        if journal:
            lines = (
                {"address": str(a), "action": "create", "phase": "end", "id": e.id, "fields": e.fields}
                for a, e in entries.items()
            )
            store.journal_file.write_text("".join(f"{json.dumps(line)}\n" for line in ({"run": "begin"}, *lines)))
        else:
            store.state_file.write_bytes(rival.store.state_file.read_bytes())
        return store, told

    return make


def planned(rival, store, wanted):
    """Plan as another owner in these accounts, from a store; types that nobody wants are read, too."""
    target, state = Wire.mount(rival.world, PLACE), store.load()
    types = {address.type for address in rival.store.load().entries}
    snapshot = refresh(wanted, target, state, also=types)
    return plan(Request(wanted, snapshot, state, target))


@pytest.mark.parametrize("journal", [False, True], ids=["state", "journal"])
def test_what_a_foreign_state_tells_is_not_removed(rival, forged, journal):
    """Without a seal the state is the word for all that bears no tag; under one it is none, and that is said once."""
    store, told = forged("state") if not journal else forged("journal", journal=True)
    made = planned(rival, store, Desired())
    assert (made.problems, made.plan.pending) == ([], ())
    store.load()
    assert [line.partition(" is not under your seal")[0] for line in told] == [
        str(store.journal_file if journal else store.state_file)
    ]
    bare, _ = forged("bare", seal=False, journal=journal)
    assert {c.key for c in planned(rival, bare, Desired()).plan.pending} == TAGLESS


MINE = {
    "okta.user.chief": User(login="me@acme.example", email="me@acme.example", first_name="A", last_name="Cme"),
    "cloudflare.zone.site": Zone(name="acme.example", plan="free"),
    "aws.iam.group.staff": Group(name="staff"),
    "datadog.pagerduty_service.pages": PagerDutyService(name="mine", integration="P1/P2"),
}


def test_what_a_foreign_state_tells_is_not_taken_over(rival, forged):
    """It names their objects at our addresses: ours are made beside them, and theirs stay as they are."""
    wanted = Desired()
    for address, resource in MINE.items():
        wanted.add(Address.parse(address).name, resource, ())

    def met(store):
        changes = planned(rival, store, wanted).plan.pending
        return {c.key: c.action for c in changes if c.key in MINE}

    assert met(forged("state")[0]) == dict.fromkeys(MINE, "create")
    assert met(forged("bare", seal=False)[0]) == dict.fromkeys(MINE, "replace")


def removal(rival, key):
    """Return a plan that somebody wrote by hand, with digests that fit: it removes an object of the other org."""
    target = Wire.mount(rival.world, PLACE)
    snapshot = refresh(Desired(), target, State(), also={address.type for address in rival.store.load().entries})
    entry = rival.store.load().entries[Address.parse(key)]
    type_ = Address.parse(key).type
    known = refresh(Desired(), target, rival.store.load(), also={type_})
    (seen,) = [one for one in known.objects[type_] if one.id == entry.id]
    last = blind(rival.store.load(), Address.parse(key))
    lost = Change(Address.parse(key), "delete", seen.id, {}, dict(seen.fields), dict(seen.outputs), last=last)
    empty = plan(Request(Desired(), snapshot, State(), target)).plan
    return replace(empty, changes=(lost,), observed_digest=observed_digest(known, {(type_, seen.id)}))


@pytest.mark.parametrize("key", sorted(TAGLESS - {"datadog.pagerduty_service.pages"}))
def test_a_plan_that_somebody_wrote_removes_nothing_that_is_not_ours(rival, forged, key):
    """What it tells of the object is so; that it is ours is told by nothing. Datadog shows none unasked."""
    made, target = removal(rival, key), Wire.mount(rival.world, PLACE)
    with pytest.raises(StaleError, match=f"{key}, which it removes, is not ours"):
        refuse_stale(made, target, forged("state")[0].load())
    refuse_stale(made, target, rival.store.load())  # its owner's state tells


def test_a_plan_that_somebody_wrote_changes_no_object_but_the_one_that_it_names(rival, forged):
    """An update of our user that goes to theirs, by its id: the login is another."""
    lost, target = removal(rival, "okta.user.chief"), Wire.mount(rival.world, PLACE)
    (change,) = lost.changes
    fields = {**change.observed, "login": "me@acme.example"}
    made = replace(lost, changes=(replace(change, action="update", fields=fields),))
    with pytest.raises(StaleError, match=r"okta\.user\.chief is another object than it tells"):
        refuse_stale(made, target, forged("state")[0].load())
    named = replace(lost, changes=(replace(change, action="update", fields=dict(change.observed)),))
    refuse_stale(named, target, forged("named")[0].load())  # found by its name, as a first plan finds it


CREW = desired(crew=Group(name="crew"))


def applied(rival, store):
    """Apply an org of one group under a seal."""
    made = planned(rival, store, CREW)
    return apply(made.plan, Wire.mount(rival.world, PLACE), store, Means(lambda _: None, lambda source: source))


def test_ones_own_state_is_believed_and_a_changed_or_moved_one_is_not(rival, tmp_path):
    """Read back by the same user under the same name; with one word changed, or under another name, it is nobody's."""
    told = []
    store = Store(tmp_path / "own", Claim(tell=told.append), seal=StateSeal(KEY, "live-1"))
    applied(rival, store)
    again = Store(store.folder, Claim(tell=told.append), seal=StateSeal(KEY, "live-1"))
    assert (list(map(str, again.load().entries)), again.load().known, told) == (["aws.iam.group.crew"], True, [])
    for other in (StateSeal(KEY, "live-2"), StateSeal(b"x" * 32, "live-1")):
        assert not Store(store.folder, seal=other).load().known
    store.state_file.write_text(store.state_file.read_text().replace('"id": "crew"', '"id": "rivals"'))
    assert not again.load().known
    applied(rival, again)
    assert (again.load().known, (store.folder / "state.doubted.json").exists()) == (True, True)


def test_each_state_that_is_not_believed_is_kept(rival, tmp_path):
    """A second change by hand, or runs that have no key of their user's, write over none that was put aside."""
    told = []
    store = Store(tmp_path / "own", Claim(tell=told.append), seal=StateSeal(KEY, "live-1"))
    applied(rival, store)
    kept = [store.state_file.read_bytes()]
    for passing in (b"1" * 32, b"2" * 32):
        applied(rival, Store(store.folder, Claim(tell=told.append), seal=StateSeal(passing, "live-1")))
        kept.append(store.state_file.read_bytes())
    names = ["state.doubted.json", "state.doubted.2.json"]
    assert [(store.folder / name).read_bytes() for name in names] == kept[:2]
    assert [line.rpartition(" is kept as ")[2] for line in told if "kept as" in line] == names
    assert all("was sealed with another key than there is now" in line for line in told if "kept as" not in line)


def cut_short(rival, store):
    """Begin a run that makes something and dies before it writes the state; returns its journal."""
    store.begin({"plan": "p"})
    store.write({"address": "aws.iam.group.crew", "action": "create", "phase": "begin", "id": None})
    line = {"address": "aws.iam.group.crew", "action": "create", "phase": "end", "id": "crew", "fields": {}}
    store.write(line)
    store.close()
    return store.journal_file


@pytest.mark.parametrize("tamper", ["nothing", "a line", "one more", "another state"])
def test_a_journal_counts_as_far_as_it_bears_its_seal(rival, tmp_path, tamper):
    """That of a run that was killed is folded into the state, but no line that a hand changed or added."""
    store = Store(tmp_path / "own", seal=StateSeal(KEY, "live-1"))
    journal = cut_short(rival, store)
    lines = journal.read_text().splitlines(keepends=True)
    if tamper == "a line":
        lines[2] = lines[2].replace('"id":"crew"', '"id":"rivals"')
    elif tamper == "one more":
        lines.append(lines[2].replace("group.crew", "group.more"))
    elif tamper == "another state":
        store.save(
            State({Address("aws.iam.group", "old"): rival.store.load().entries[Address("aws.iam.group", "staff")]})
        )
    journal.write_text("".join(lines))
    found = {str(address): entry.id for address, entry in store.load().entries.items()}
    crew = {"aws.iam.group.crew": "crew"}
    assert (
        found
        == {"nothing": crew, "a line": {}, "one more": crew, "another state": {"aws.iam.group.old": "rivals"}}[tamper]
    )
