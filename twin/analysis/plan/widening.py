"""Whether a change to a policy lets anybody do more than before."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.engine.plan import Difference
from twin.resources.aws.policy_actions import published
from twin.semantics.iam import PolicyError
from twin.semantics.iam.containment import Containment, contained

NOTHING: Mapping[str, Any] = {"Version": "2012-10-17", "Statement": []}


def widening(difference: Difference) -> Iterator[tuple[str, Containment]]:
    """Yield each policy document that a difference changes, by its name, with what became of it.

    A policy of an identity is one of several: a deny that it loses counts, as the others may allow. Documents that the
    decision procedure cannot read are left out: they are told elsewhere.
    """
    for name, before, after in _documents(difference):
        try:
            yield name, contained([before], [after], beside=True, known=published)
        except PolicyError:
            continue


def _documents(difference: Difference) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield (name, before, after) of the field's documents: one alone, or several by name (inline policies)."""
    before, after = difference.before or {}, difference.after or {}
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    if "Statement" in before or "Statement" in after:
        yield difference.field, before or NOTHING, after or NOTHING
        return
    for name in after:
        old, new = before.get(name), after[name]
        if isinstance(new, Mapping) and "Statement" in new and old != new:
            yield f"{difference.field} {name}", old or NOTHING, new
