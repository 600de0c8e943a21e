"""A line of a report: text in parts, each in a style; it becomes rich's own where somebody sees the colours."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text


class Line:
    """A text whose style holds for all of it, and what was put behind it in styles of its own."""

    __slots__ = ("parts", "style")

    def __init__(self, text: str, style: str = "") -> None:
        self.parts = [(text, "")]
        self.style = style

    def append(self, text: str, style: str = "") -> None:
        """Put a part behind."""
        self.parts.append((text, style))

    def __str__(self) -> str:
        return "".join(text for text, _ in self.parts)

    def __rich__(self) -> "Text":
        from rich.text import Text

        return Text.assemble(*self.parts, style=self.style)
