"""Gives the colours that texts are written in their counterparts in the theme that is chosen."""

from collections.abc import Mapping
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Background
from textual.filter import LineFilter

# Okabe and Ito's colours, which eyes that confuse red and green, or blue and yellow, tell apart; darker on white.
# https://jfly.uni-koeln.de/color/
COUNTERPARTS: Mapping[str, Mapping[str, str]] = {
    "twin-light": {
        "#7fb685": "#2f7d32", "#8fd694": "#1f7a24", "#e5c07b": "#7a5c00", "#d19be0": "#7b2fa0", "#ef7f88": "#b3261e",
        "#f0a35e": "#a34f00", "#82aaff": "#2f5fd0", "#8b93a7": "#5a6274", "#e8ebf2": "#1b2130",
    },
    "twin-safe": {
        "#7fb685": "#009e73", "#8fd694": "#56b4e9", "#e5c07b": "#f0e442", "#d19be0": "#cc79a7", "#ef7f88": "#d55e00",
        "#f0a35e": "#e69f00", "#82aaff": "#56b4e9",
    },
    "twin-safe-light": {
        "#7fb685": "#00694d", "#8fd694": "#0072b2", "#e5c07b": "#6b6200", "#d19be0": "#8f3f6b", "#ef7f88": "#a34700",
        "#f0a35e": "#7a5600", "#82aaff": "#0072b2", "#8b93a7": "#5a6274", "#e8ebf2": "#1b2130",
    },
}  # fmt: skip


class Recolour(LineFilter):
    """Replaces colours, segment by segment, after a line is made."""

    def __init__(self, theme: str) -> None:
        super().__init__(enabled=theme in COUNTERPARTS)
        self._theme = theme

    def apply(self, segments: list[Segment], background: Background) -> list[Segment]:
        """Return the segments in the theme's colours."""
        return [
            Segment(text, _style(style, self._theme), control) if style is not None and style.color else segment
            for segment in segments
            for text, style, control in (segment,)
        ]


@lru_cache(4096)
def _style(style: Style, theme: str) -> Style:
    assert style.color is not None
    triplet = style.color.triplet
    other = COUNTERPARTS[theme].get(triplet.hex) if triplet is not None else None
    return style + Style.from_color(Color.parse(other), style.bgcolor) if other else style
