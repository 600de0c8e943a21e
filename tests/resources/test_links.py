"""Orders, circles and reach of a graph are what their definitions say, on many small graphs."""

from itertools import product
from random import Random

import pytest

from twin.resources.links import Circle, Links


def drawn(seed):
    """Return a graph of a few nodes with its pairs."""
    random = Random(seed)
    nodes = [f"n{n}" for n in range(random.randrange(1, 9))]
    pairs = {(random.choice(nodes), random.choice(nodes)) for _ in range(random.randrange(2 * len(nodes)))}
    links = Links()
    for node in nodes:
        links.add(node)
    for need, user in sorted(pairs):
        links.join(need, user)
    return links, nodes, pairs


def reach(nodes, pairs):
    """Return who is below whom, by the closure of the pairs."""
    found = set(pairs)
    for middle, start, end in product(nodes, repeat=3):
        if (start, middle) in found and (middle, end) in found:
            found.add((start, end))
    return found


GRAPHS = [pytest.param(*drawn(seed), id=str(seed)) for seed in range(60)]


@pytest.mark.parametrize(("links", "nodes", "pairs"), GRAPHS)
def test_reach_goes_up_and_down(links, nodes, pairs):
    """What needs a node, and what it needs, however far; a node is not below itself."""
    closed = reach(nodes, pairs)
    for node in nodes:
        assert links.below(node) == {n for n in nodes if (node, n) in closed and n != node}
        assert links.above(node) == {n for n in nodes if (n, node) in closed and n != node}


@pytest.mark.parametrize(("links", "nodes", "pairs"), GRAPHS)
def test_order_puts_needs_first_or_says_that_there_is_none(links, nodes, pairs):
    """By the smallest name that is free; a circle has no order, and is shown."""
    circle = links.circle()
    if any((node, node) in reach(nodes, pairs) for node in nodes):
        assert set(circle) <= pairs
        assert [user for _, user in circle] == [need for need, _ in circle[1:]] + [circle[0][0]]
        with pytest.raises(Circle):
            links.order(str)
        return
    assert circle == []
    rest = set(nodes)
    for node in links.order(str):
        assert node == min(n for n in rest if not any(user == n and need in rest for need, user in pairs))
        rest.discard(node)
    assert not rest


@pytest.mark.parametrize(("links", "nodes", "pairs"), GRAPHS)
def test_groups_hold_who_needs_one_another(links, nodes, pairs):
    """And come after those that they need."""
    closed, groups = reach(nodes, pairs), links.groups()
    place = {node: number for number, group in enumerate(groups) for node in group}
    assert sorted(place) == sorted(nodes)
    for one, other in product(nodes, repeat=2):
        together = one == other or ((one, other) in closed and (other, one) in closed)
        assert (place[one] == place[other]) == together
    assert all(place[need] <= place[user] for need, user in pairs)
