"""The line under the menu: what must not be overlooked, and the instant that the views show."""

from rich.text import Text
from textual.widgets import Static

from tui.org import Org, tally
from tui.runs import Run
from tui.safety import Place
from twin.scenario.recording.moment import clock


class Banner(Static):
    """Not there on a twin as it is now; red on what must not be changed; else the instant and the way back."""

    DEFAULT_CSS = """
    Banner { height: 1; padding: 0 1; display: none; }
    Banner.-shown { display: block; background: $primary 30%; text-style: bold; }
    Banner.-locked { display: block; background: #b3261e; color: #ffffff; text-style: bold; }
    """

    def tell(self, place: Place, run: Run | None, t: float, org: Org | str) -> None:
        """Say where the views stand: `run` is None on the target as it is now; a view that stays there says why."""
        self.set_class(run is not None, "-shown")
        self.set_class(place.locked, "-locked")
        told = [place.warning if run is None else place.short] if place.locked else []
        if run is not None and isinstance(org, str):
            told.append(f"● now: this view reads the target, not {clock(t)} of {run.name}: {org}")
        elif run is not None and isinstance(org, Org):
            counts = " ".join(f"{state.glyph}{count}" for state, count in tally(org.entries.values()).items())
            told.append(f"◷ as of {clock(t)} of {run.name}  {counts}   , . move  L back to live")
        self.update(Text("  ".join(told), no_wrap=True, overflow="ellipsis"))
