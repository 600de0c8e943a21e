"""Every single failure of the shop is tried and ranked, pairs that hide behind singles are found, reports compare."""

import json

import pytest
from shop import SCENARIO, stand_up

from twin.errors import UsageError
from twin.explore.blows import blows
from twin.explore.weak_points import Loss, hidden, pairs, prepare, singles
from twin.report.weak_points import differences, document, lines, read
from twin.scenario.document import load


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop with one NAT gateway for all zones."""
    made = stand_up(tmp_path_factory.mktemp("shop"), {"network": {"nat": "single"}})
    prepare(made)
    return made


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    """The shop's customers, for ten minutes."""
    file = tmp_path_factory.mktemp("play") / "play.yaml"
    file.write_text(SCENARIO)
    return load(file)[0].model_copy(update={"duration": 600.0})


@pytest.fixture(scope="module")
def alone(shop, scenario):
    """What each blow costs."""
    return {loss.blows[0]: loss for loss in singles(scenario, shop, blows(shop.world))}


def test_every_zone_host_gateway_key_and_edge_is_tried(alone):
    """Names are the org's own, not ids that another seed would change."""
    kinds = [name.partition(" ")[0] for name in alone]
    assert (kinds.count("zone"), kinds.count("NAT"), kinds.count("host"), kinds.count("key")) == (3, 1, 5, 1)
    assert {"Region us-east-1", "tables of the database shop-base-orders", "Cloudflare's edge for shop.example"} <= set(
        alone
    )
    assert not any(loss.failed for loss in alone.values())


def test_the_only_nat_gateway_is_a_weak_point_and_lasts(alone):
    """Orders need the payment provider; nothing else is lost, and nothing brings it back."""
    loss = alone["NAT gateway in us-east-1a"]
    assert loss.lasting
    assert loss.lost == pytest.approx(0.1 * loss.requests * 0.9, rel=0.1)
    assert "payments.example is out of reach" in loss.because


def test_a_server_and_a_replica_are_none(alone):
    """What others carry costs next to nothing."""
    small = [loss for name, loss in alone.items() if name.startswith(("host of shop-base-web", "host of the database"))]
    assert len(small) == 5
    assert sum(loss.lost < 0.01 * loss.requests for loss in small) == 4  # all but the database's primary
    assert not any(loss.lasting for loss in small)


def test_only_dropped_tables_lose_data(alone):
    """The standby has every acknowledged write; a DROP has it too."""
    assert [name for name, loss in alone.items() if loss.writes_lost] == ["tables of the database shop-base-orders"]


def test_pairs_that_are_worse_than_both_one_by_one_are_found(shop, scenario, alone):
    """The zones of the primary and of its standby together leave no database; either alone does."""
    zones = [blow for blow in blows(shop.world) if blow.name.startswith("zone ")]
    known = [alone[blow.name] for blow in zones]
    found = list(pairs(scenario, shop, zones, known))
    assert len(found) == 3
    worst = min(found, key=lambda loss: loss.rank)
    assert hidden(worst, known)
    assert worst.lasting
    assert "is lost" in worst.because


def loss(name, lost=0, writes_lost=0):
    """A loss of so many of a thousand requests."""
    return Loss((name,), 1000, lost, writes_lost=writes_lost)


def test_reports_are_ranked_and_their_differences_named(tmp_path):
    """New, worse, better, gone: by the blow's name; a percent either way is chance."""
    before = document("F1", 1, [loss("a", 100), loss("b", 10), loss("c", 500), loss("d")], [])
    after = document("F1", 1, [loss("a", 300), loss("b", 15), loss("c", 20), loss("e", 1, 7)], [])
    assert [one["blows"] for one in after["singles"]] == [("a",), ("c",), ("b",), ("e",)]
    file = tmp_path / "before.json"
    file.write_text(json.dumps(before))
    signs = [(sign, words.partition(":")[0]) for sign, words in differences(read(file), after)]
    assert signs == [("worse", "a"), ("better", "c"), ("new", "e"), ("gone", "d")]
    assert differences(after, after) == []


def test_what_is_new_and_costs_nothing_is_no_harm_and_pairs_want_pairs():
    """A host more is told, not held against the change; a report without pairs says nothing of them."""
    before = document("F1", 1, [loss("a")], [])
    after = document("F1", 1, [loss("a"), loss("b", 3)], [Loss(("a", "b"), 1000, 900)])
    assert [sign for sign, _ in differences(before, after)] == ["more"]
    worse = document("F1", 1, [loss("a"), loss("b", 3)], [Loss(("a", "b"), 1000, 950)])
    assert [sign for sign, _ in differences(after, worse)] == ["worse"]
    with pytest.raises(UsageError, match="about F1, this one about F3"):
        differences(before, document("F3", 1, [], []))


def test_what_is_no_report_is_refused(tmp_path):
    """Neither another JSON nor a text is taken for one."""
    for text in ("[]", "not json", '{"schema": 1}'):
        (tmp_path / "x").write_text(text)
        with pytest.raises(UsageError):
            read(tmp_path / "x")


def test_text_shows_the_worst_first():
    """The loss, the blow, the reason; pairs only where they are worse than both."""
    both = Loss(("a", "b"), 1000, 900, lasting=True, because="nothing is left (100%)")
    told = [line.plain for line in lines([loss("a", 100), loss("b", 200)], [both], 5)]
    assert [line.split()[0] for line in told] == ["lost", "200", "100", "1", "900"]
    assert "a + b  and it lasts  nothing is left" in told[-1]
