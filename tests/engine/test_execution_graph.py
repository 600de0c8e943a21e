"""The execution graph of a plan: complete, without cycles, users before what they use is removed."""

from graphlib import CycleError

import networkx as nx
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from twin.engine import graph as graphs
from twin.engine.execution import nodes
from twin.engine.ordering import ordered
from twin.engine.plan import Change, Difference, Plan
from twin.resources.catalogue import catalogue, rank
from twin.resources.declaration import Desired
from twin.resources.reference import unknown
from twin.resources.resource import RefTo
from twin.resources.scope import Scope

MANY = settings(max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck))

# A few types that refer to one another a lot come often; all others come too.
CROWDED = [
    "aws.iam.role",
    "aws.eks.cluster",
    "aws.eks.node_group",
    "aws.ec2.vpc",
    "aws.ec2.subnet",
    "aws.ec2.security_group",
]
TYPES = st.sampled_from(CROWDED) | st.deferred(lambda: st.sampled_from(sorted(catalogue())))
pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")


def ref_fields(class_):
    """Yield each field that refers to other types, with those types."""
    for name, info in class_.model_fields.items():
        for marker in info.metadata:
            if isinstance(marker, RefTo):
                yield name, marker.types


@st.composite
def orgs(draw):
    """Draw resources of any types, whose reference fields point to earlier ones."""
    chosen = sorted(draw(st.lists(TYPES, min_size=1, max_size=12)), key=rank().__getitem__)
    desired = Desired()
    for n, type_ in enumerate(chosen):
        class_ = catalogue()[type_]
        values = {}
        for name, allowed in ref_fields(class_):
            values[name] = None
            earlier = [d.id for d in desired if d.address.type in allowed]
            if earlier and draw(st.integers(0, 3)):
                values[name] = draw(st.sampled_from(earlier))
        desired.add(f"r{n}", class_.model_construct(**values), ())
    return desired


@st.composite
def plans(draw, *, destroy=False):
    """Draw an org and what happens to each of its resources, besides leftovers of any types."""
    desired = draw(orgs())
    changes = []
    for declaration in desired:
        action = "delete" if destroy else draw(st.sampled_from(["create", "update", "replace", "no-op"]))
        fields = sorted(type(declaration.resource).model_fields)
        different = draw(st.sampled_from(fields)) if action == "replace" else None
        found = (Difference(different, 1, 2, "spec", True),) if different else ()
        changes.append(Change(declaration.address, action, id=f"id-{declaration.address}", differences=found))
    for n, type_ in enumerate(draw(st.lists(TYPES, max_size=5))):
        surplus = draw(st.booleans())
        owner = next((d.address for d in desired if d.address.type == type_), None)
        address = owner if surplus and owner else type(changes[0].address)(type_, f"left{n}")
        changes.append(Change(address, "delete", id=f"left-{n}", surplus=surplus))
    return desired, Plan(Scope("a", "b"), "", "", tuple(ordered(changes, desired)))


@settings(MANY, max_examples=20)
@given(orgs())
def test_order_is_the_lexicographical_one(desired):
    """Each resource comes after those that it needs, and of several that are free the first by its address."""
    theirs = nx.lexicographical_topological_sort(graphs.graph(desired), key=str)
    assert graphs.order(desired) == list(theirs)


def test_a_circle_has_no_order():
    """Resources that need one another are refused, not left out."""
    desired = Desired()
    for name, other in (("one", "two"), ("two", "one")):
        desired.add(name, catalogue()["aws.ec2.vpc"].model_construct(cidr_block=f"${{aws.ec2.vpc.{other}.id}}"), ())
    with pytest.raises(CycleError):
        graphs.order(desired)


def drawn_graph(plan):
    """Return the execution graph with an edge from each node to those that wait for it."""
    graph = nx.DiGraph()
    for node, needs in nodes(plan.pending).items():
        graph.add_node(node)
        graph.add_edges_from((need, node) for need in needs)
    return graph


def describe(cycle):
    """Write a cycle for a person."""
    return " → ".join(f"{a.action} {a.key}" for a, _ in cycle)


@MANY
@given(plans())
def test_an_execution_graph_has_every_change_and_no_cycle(drawn):
    """Each change has its nodes, and some order of them exists."""
    _, plan = drawn
    graph = drawn_graph(plan)
    wanted = {(c.key, a) for c in plan.pending for a in halves(c)}
    assert {(n.key, n.action) for n in graph} == wanted
    assert nx.is_directed_acyclic_graph(graph), describe(nx.find_cycle(graph))


def halves(change):
    """Return the actions that a change consists of."""
    return ("delete", "create") if change.action == "replace" else (change.action,)


@MANY
@given(plans())
def test_what_is_referred_to_is_made_before_its_users(drawn):
    """Creating and updating come after the creation and update of everything referred to."""
    desired, plan = drawn
    graph = drawn_graph(plan)
    makes = {n.key: n for n in graph if n.action != "delete"}
    for declaration in desired:
        user = makes.get(str(declaration.address))
        for reference in declaration.references:
            need = makes.get(str(reference.address))
            assert user is None or need is None or nx.has_path(graph, need, user)


@MANY
@given(plans(destroy=True))
def test_everything_is_removed_after_its_users(drawn):
    """A destroy is acyclic and removes each user before what it uses."""
    desired, plan = drawn
    graph = drawn_graph(plan)
    assert nx.is_directed_acyclic_graph(graph), describe(nx.find_cycle(graph))
    removals = {n.key: n for n in graph}
    for declaration in desired:
        for reference in declaration.references:
            user, used = removals[str(declaration.address)], removals[str(reference.address)]
            assert nx.has_path(graph, user, used)


@MANY
@given(plans())
def test_a_replacement_that_goes_first_takes_its_users_down_first(drawn):
    """Where the old object is removed before the new one is made, users that are replaced are removed before it."""
    desired, plan = drawn
    graph = drawn_graph(plan)
    removals = {n.key: n for n in graph if n.action == "delete"}
    makes = {n.key: n for n in graph if n.action == "create"}
    for change in plan.pending:
        if change.action != "replace":
            continue
        own = removals[change.key], makes[change.key]
        assert nx.has_path(graph, *(reversed(own) if change.create_first else own))
        for declaration in desired:
            user = removals.get(str(declaration.address))
            if user and any(r.address == change.address for r in declaration.references):
                assert nx.has_path(graph, user, removals[change.key])


def test_the_drawn_plans_have_edges():
    """Some drawn org has a replacement with a user and a leftover, so that the properties above are not vacuous."""

    def rich(drawn):
        desired, plan = drawn
        return any(c.removal_after for c in plan.pending) and any(unknown(d.values) for d in desired)

    assert find(plans(), rich, settings=settings(MANY, max_examples=500, phases=(Phase.generate,), database=None))
