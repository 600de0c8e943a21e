"""One scenario under many seeds on one org: figures spread, and each seed can be run again by itself."""

import pytest
import yaml
from shop import SCENARIO, dark, stand_up

from twin.scenario.document import load, merge
from twin.scenario.sweep import spreads, sweep


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A lost zone with the database in it, under four seeds; and the third of them alone."""
    folder = tmp_path_factory.mktemp("shop")
    shop = stand_up(folder)
    file = folder / "play.yaml"
    file.write_text(yaml.safe_dump(merge(yaml.safe_load(SCENARIO), dark("${zone}")), sort_keys=False))
    loaded = load(file)[0]
    return list(sweep(loaded, None, shop, range(3, 7))), list(sweep(loaded, None, shop, [5]))


def test_seeds_differ_and_one_alone_gives_the_same(results):
    """The failover takes another time under each seed, and the same time again under the same."""
    many, (alone,) = results
    assert [one.seed for one in many] == [3, 4, 5, 6]
    assert len({one.figures["customers.longest"] for one in many}) > 1
    assert (alone.figures, alone.journal) == (many[2].figures, many[2].journal)


def test_spread_has_the_ranks_and_the_seed_of_the_worst(results):
    """Nearest rank: of four values the second is the median, the last the 95th percentile."""
    many, _ = results
    (found,) = [one for one in spreads(many) if one.figure == "customers.longest"]
    values = sorted(one.figures["customers.longest"] for one in many)
    assert (found.least, found.p50, found.p95, found.most) == (values[0], values[1], values[3], values[3])
    assert many[found.worst - 3].figures["customers.longest"] == values[3]


def test_figures_that_do_not_vary_are_left_out(results):
    """What is the same under every seed needs no line."""
    assert "customers.rpo" not in {one.figure for one in spreads(results[0])}
