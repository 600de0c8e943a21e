"""A line of a report: text in parts, each in a style; it becomes rich's own where somebody sees the colours."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

# What moves a terminal's cursor, or turns the direction of writing: by it a name could hide what stands beside it.
_SIGNS = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SHOWN = {sign: ascii(chr(sign))[1:-1] for sign in _SIGNS if chr(sign) not in "\n\t"}


def visible(text: str) -> str:
    """Return a text in which signs that would steer a terminal are written out by their numbers."""
    return text.translate(_SHOWN)


class Line:
    """A text whose style holds for all of it, and what was put behind it in styles of its own."""

    __slots__ = ("parts", "style")

    def __init__(self, text: str, style: str = "") -> None:
        self.parts = [(visible(text), "")]
        self.style = style

    def append(self, text: str, style: str = "") -> None:
        """Put a part behind."""
        self.parts.append((visible(text), style))

    def __str__(self) -> str:
        return "".join(text for text, _ in self.parts)

    def __rich__(self) -> "Text":
        from rich.text import Text

        return Text.assemble(*self.parts, style=self.style)
