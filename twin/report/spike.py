"""What a run cost by an instant, as lines and as JSON."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from twin.semantics.pricing.bill import cents

if TYPE_CHECKING:
    from twin.scenario.recording.instants import Spike


class Part(NamedTuple):
    """A piece of text, and how much more than before it tells of, by which it is coloured."""

    text: str
    more: Decimal = Decimal(0)


def spent(spike: "Spike") -> tuple[Part, Part, Part]:
    """Return what the run has cost, what was usual, and by how much it is more; a line in three pieces."""
    more = spike.spent - spike.usual
    usual = Part(f"  since the run began; {cents(spike.usual):,} as it was then, ")
    return Part(f"{cents(spike.spent):>12,}"), usual, Part(f"{cents(more):+,} more", more)


def per_day(spike: "Spike") -> str:
    """Return what a day costs by now."""
    return f"What a day costs: {cents(spike.per_day):,}"


def moved(spike: "Spike") -> Iterator[Part]:
    """Yield a line for each service of which a day costs otherwise, or one that says that there is none."""
    for name, (before, after) in spike.moved.items():
        yield Part(f"{cents(after - before):>+12,}  {name}  {cents(before):,} → {cents(after):,}", after - before)
    if not spike.moved:
        yield Part("nothing that is held costs otherwise than as the run began")


def lines(spike: "Spike") -> Iterator[str]:
    """Yield what the run has cost beside what was usual, and what moved what a day costs."""
    yield f"\n{''.join(part.text for part in spent(spike)).lstrip()}"
    yield per_day(spike)
    yield from (part.text for part in moved(spike))


def document(spike: "Spike") -> dict[str, Any]:
    """Return the same as JSON; amounts are texts in USD, to the cent."""
    return {
        "began": spike.began.isoformat(),
        "spent": str(cents(spike.spent)),
        "usual": str(cents(spike.usual)),
        "per_day": str(cents(spike.per_day)),
        "moved": [
            {"service": name, "per_day_before": str(cents(before)), "per_day_after": str(cents(after))}
            for name, (before, after) in spike.moved.items()
        ],
    }
