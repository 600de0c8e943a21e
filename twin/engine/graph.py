"""The graph of desired resources, with its edges taken from their references."""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from twin.address import Address
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import Reference, broken, references, whole
from twin.resources.resource import Problem, RefTo
from twin.spec.suggest import suggestion

if TYPE_CHECKING:
    import networkx as nx


def needs(desired: Desired) -> dict[Address, list[Address]]:
    """Return what each resource needs: what it refers to, and what must be there besides."""
    found = {d.address: [r.address for r in d.references if r.address in desired] for d in desired}
    everything = desired.resources()
    for address, resource in everything.items():
        found[address] += [other for other in resource.beforehand(everything) if other != address]
    return found


def graph(desired: Desired) -> "nx.DiGraph[Address]":
    """Return the graph with an edge from each resource to every one that needs it."""
    import networkx as nx  # a third of the start of a command that needs no more than an order

    found: nx.DiGraph[Address] = nx.DiGraph()
    for address, others in needs(desired).items():
        found.add_node(address)
        found.add_edges_from((other, address) for other in others)
    return found


def ends(desired: Desired) -> dict[str, list[tuple[str, str]]]:
    """Return, by address, what each resource refers to: the other's address, and the field that says so."""
    return {
        str(declaration.address): sorted(
            {(str(r.address), name) for name, value in declaration.values.items() for r in references(value)}
        )
        for declaration in desired
    }


def order(desired: Desired) -> list[Address]:
    """Return the addresses so that each comes after those that it needs; ties go by address; CycleError of a circle."""
    sorter = TopologicalSorter(needs(desired))
    sorter.prepare()
    free: list[tuple[str, Address]] = []
    found = []
    while sorter.is_active():
        for address in sorter.get_ready():
            heappush(free, (str(address), address))
        _, address = heappop(free)
        found.append(address)
        sorter.done(address)
    return found


def reference_problems(desired: Desired) -> Iterator[tuple[Declaration, Problem]]:
    """Yield references to what does not exist, to what has another type, or that form a cycle."""
    for declaration in desired:
        for field, value in declaration.values.items():
            allowed = _allowed(declaration, field)
            for reference in references(value):
                problem = _judge(reference, field, desired)
                if problem is None and allowed and reference.address.type not in allowed and whole(value):
                    problem = Problem(
                        "TW0713", f"{field} refers to {reference.address}; it takes {' or '.join(allowed)}", field
                    )
                if problem is not None:
                    yield declaration, problem
            for text in broken(value, alone=bool(allowed)):
                yield declaration, _no_reference(text, field)
    import networkx as nx

    links = graph(desired)
    for component in nx.strongly_connected_components(links):
        members = sorted(component)
        if len(members) > 1 or links.has_edge(members[0], members[0]):
            links_round = [str(a) for a, _ in nx.find_cycle(links.subgraph(component))]
            round_trip = " → ".join([*links_round, links_round[0]])
            yield (
                desired[members[0]],
                Problem(
                    "TW0712",
                    f"these resources need one another in a circle: {round_trip}",
                    None,
                    "break one of the references",
                ),
            )


def _allowed(declaration: Declaration, field: str) -> tuple[str, ...]:
    info = type(declaration.resource).model_fields[field]
    return next((m.types for m in info.metadata if isinstance(m, RefTo)), ())


def _no_reference(text: str, field: str) -> Problem:
    form = "write ${TYPE.NAME.ATTRIBUTE} without blanks, such as ${aws.ec2.vpc.main.id}"
    return Problem("TW0718", f"{field} has {text!r}, which is no reference", field, form)


def _judge(reference: Reference, field: str, desired: Desired) -> Problem | None:
    if reference.address not in desired:
        message = f"{field} refers to {reference.address}, which the spec does not have"
        alike = [str(one) for one in desired.declarations if one.type == reference.address.type]
        return Problem("TW0711", message, field, suggestion(str(reference.address), alike))
    class_ = catalogue()[reference.address.type]
    if reference.attribute not in class_.OUTPUTS and reference.attribute not in class_.model_fields:
        known = ", ".join(sorted({*class_.OUTPUTS, *class_.model_fields}))
        return Problem(
            "TW0715", f"{reference.address.type} has no attribute {reference.attribute!r}", field, f"it has {known}"
        )
    return None
