"""What an instant of a recording has lost, marked in the picture of the network as it was read then."""

from collections import defaultdict

from twin.analysis.passage.passages import View
from twin.errors import UsageError
from twin.report.picture.boxes import Marks, Picture
from twin.report.picture.overlays import of_fault
from twin.report.picture.recorded import Instant, marks_at, standing


def losses(view: View, drawn: Picture, now: Instant) -> Marks:
    """Mark what is lost, hurt or changed at an instant; with a lost zone goes what the network has in it."""
    resources = standing(now)
    told = marks_at(now, resources)
    names: dict[str, list[str]] = defaultdict(list)
    for name, key in resources.homes.items():
        names[key].append(name)

    def here(keys: frozenset[str]) -> set[str]:
        return {home for key in keys for name in names[key] if (home := drawn.home(name))}

    dead, hurt = here(told.dead), here(told.hurt)
    for what, name in now.lost:
        if what == "zone":
            try:
                taken = of_fault(view, drawn, f"zone:{name}")
            except UsageError:
                continue  # nothing of the network stands in that zone
            dead, hurt = dead | taken.dead, hurt | taken.hurt
    return Marks(
        told.caption, dead=frozenset(dead), hurt=frozenset(hurt - dead),
        changed=frozenset(here(told.changed) - dead - hurt),
    )  # fmt: skip
