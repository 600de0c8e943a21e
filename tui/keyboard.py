"""Gives the keyboard to a part of the screen, at once: what is typed ahead is typed there."""

from textual.widget import Widget


def give(part: Widget) -> None:
    """Give the keyboard to a part; Textual's own `focus` does so after the keys that are waiting already."""
    part.screen.set_focus(part)


def held(part: Widget) -> bool:
    """Tell whether a part has the keyboard, though it may not have been told so yet."""
    return part.is_attached and part.screen.focused is part
