"""What a run cost by an instant, as lines and as JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from twin.semantics.pricing.bill import cents

if TYPE_CHECKING:
    from twin.scenario.recording.instants import Spike


def lines(spike: "Spike") -> Iterator[str]:
    """Yield what the run has cost beside what was usual, and what moved what a day costs."""
    yield f"\n{cents(spike.spent):,} since the run began; {cents(spike.usual):,} as it was then, {_more(spike)} more"
    yield f"a day costs {cents(spike.per_day):,}"
    for name, (before, after) in spike.moved.items():
        yield f"{cents(after - before):>+12,}  {name}  {cents(before):,} → {cents(after):,}"
    if not spike.moved:
        yield "nothing that is held costs otherwise than as the run began"


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


def _more(spike: "Spike") -> str:
    return f"{cents(spike.spent - spike.usual):+,}"
