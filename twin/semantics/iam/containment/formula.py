"""What a request must be like, as a formula over its action, its resource, its principal and its conditions."""

from typing import Literal, NamedTuple, overload

from twin.semantics.iam.containment.languages import Language

Kind = Literal["action", "resource", "principal", "condition", "open"]


class Fact(NamedTuple):
    """One fact of a request, or that it is not so.

    `subject` is a language for an action and a resource; the place of a statement among the principals' columns; the
    key and the place of the test among its tests for a condition; and for what depends on a policy variable its text.
    """

    kind: Kind
    subject: Language | int | tuple[str, int] | str
    holds: bool = True


class And(NamedTuple):
    """All of the parts."""

    parts: tuple["Formula", ...]


class Or(NamedTuple):
    """One of the parts at least."""

    parts: tuple["Formula", ...]


Formula = Fact | And | Or
TRUE, FALSE = And(()), Or(())


@overload
def negated(formula: Fact) -> Fact: ...


@overload
def negated(formula: Formula) -> Formula: ...


def negated(formula: Formula) -> Formula:
    """Return the formula that holds where the other does not."""
    if isinstance(formula, Fact):
        return formula._replace(holds=not formula.holds)
    parts = tuple(negated(part) for part in formula.parts)
    return Or(parts) if isinstance(formula, And) else And(parts)
