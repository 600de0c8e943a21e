"""The graph of desired resources, with its edges taken from their references."""

from collections import deque
from collections.abc import Iterator

from twin.address import Address
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired
from twin.resources.links import Links
from twin.resources.reference import Reference, references, whole
from twin.resources.resource import Problem, RefTo


def graph(desired: Desired) -> Links[Address]:
    """Return the resources, each of which leads to every one that needs it."""
    found = Links[Address]()
    for declaration in desired:
        found.add(declaration.address)
        for reference in declaration.references:
            if reference.address in desired:
                found.connect(reference.address, declaration.address)
    return found


def ends(desired: Desired) -> dict[str, list[tuple[str, str]]]:
    """Return, by address, what each resource refers to: the other's address, and the field that says so."""
    return {
        str(declaration.address): sorted(
            {(str(r.address), name) for name, value in declaration.values.items() for r in references(value)}
        )
        for declaration in desired
    }


def order(links: Links[Address]) -> list[Address]:
    """Return the addresses so that each comes after those that it needs; ties go by address."""
    return links.in_order(str)


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
    links = graph(desired)
    for knot in links.knots():
        members = sorted(knot)
        text = f"these resources need one another in a circle: {_round_trip(links, members)}"
        yield desired[members[0]], Problem("TW0712", text, None, "break one of the references")


def _round_trip(links: Links[Address], members: list[Address]) -> str:
    """Write a circle among the members of a knot, the first of them first."""
    first, came = members[0], dict[Address, Address]()
    waiting = deque([first])
    while first not in came:
        node = waiting.popleft()
        for end in links.after(node):
            if end not in came:
                came[end] = node
                waiting.append(end)
    way = [came[first]]
    while way[-1] != first:
        way.append(came[way[-1]])
    return " → ".join(str(one) for one in reversed(way))


def _allowed(declaration: Declaration, field: str) -> tuple[str, ...]:
    info = type(declaration.resource).model_fields[field]
    return next((m.types for m in info.metadata if isinstance(m, RefTo)), ())


def _judge(reference: Reference, field: str, desired: Desired) -> Problem | None:
    if reference.address not in desired:
        return Problem("TW0711", f"{field} refers to {reference.address}, which the spec does not have", field)
    class_ = catalogue()[reference.address.type]
    if reference.attribute not in class_.OUTPUTS and reference.attribute not in class_.model_fields:
        known = ", ".join(sorted({*class_.OUTPUTS, *class_.model_fields}))
        return Problem(
            "TW0715", f"{reference.address.type} has no attribute {reference.attribute!r}", field, f"it has {known}"
        )
    return None
