"""Our graph against networkx, a judge that shares no code with it."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.resources.links import Links

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


def both(edges: list[tuple[int, int]]) -> tuple[Links[int], "nx.DiGraph[int]"]:
    """Return one graph twice: ours and networkx's."""
    ours, theirs = Links[int](), nx.DiGraph(edges)
    for start, end in edges:
        ours.connect(start, end)
    return ours, theirs


@given(EDGES)
def test_knots_are_the_strong_components_with_a_circle(edges):
    """What leads to one another stands together; a node by itself only with a link to itself."""
    ours, theirs = both(edges)
    knots = [c for c in nx.strongly_connected_components(theirs) if len(c) > 1 or theirs.has_edge(*list(c) * 2)]
    assert sorted(map(sorted, ours.knots())) == sorted(map(sorted, knots))


@given(EDGES)
def test_reach_is_all_that_a_node_leads_to(edges):
    """Beyond and behind are the descendants and the ancestors."""
    ours, theirs = both(edges)
    for node in ours:
        assert ours.beyond(node) - {node} == nx.descendants(theirs, node)
        assert ours.behind(node) - {node} == nx.ancestors(theirs, node)


@given(EDGES)
def test_order_and_generations_are_those_of_networkx_where_there_is_no_circle(edges):
    """Ties go by the key; a layer has all that is free by then; a circle has no order."""
    ours, theirs = both(edges)
    if nx.is_directed_acyclic_graph(theirs):
        assert ours.in_order(str) == list(nx.lexicographical_topological_sort(theirs, key=str))
        layers = [sorted(layer) for layer in nx.topological_generations(theirs)]
        assert [sorted(layer) for layer in ours.generations()] == layers
    else:
        with pytest.raises(ValueError, match="circle"):
            ours.in_order(str)
