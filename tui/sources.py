"""Where the views get what the explorer itself does not have; a view without its source is not in the menu."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.analysis.cost import Costs
    from twin.analysis.passage.passages import View
    from twin.analysis.reach import Reach
    from twin.observe.happenings import Happenings, Wanted
    from twin.scenario.recording.ledger import Texts
    from twin.semantics.pricing.book import PriceBook


@dataclass(frozen=True, slots=True)
class Sources:
    """Functions that read the target, each called in a thread of its own; TwinError says why there is no answer.

    `costs` returns what the org costs now and, where the plan changes something, what the planned one would; `events`
    what happened. `book` has the prices of what recordings tell; `ledgers` returns what a recording keeps beside the
    resources, by its ledger's name.
    """

    reach: "Callable[[], Reach] | None" = None
    network: "Callable[[], View] | None" = None
    costs: "Callable[[], tuple[Costs, Costs | None]] | None" = None
    events: "Callable[[Wanted], Happenings] | None" = None
    book: "Callable[[], PriceBook] | None" = None
    ledgers: "Callable[[], Mapping[str, Texts]] | None" = None
