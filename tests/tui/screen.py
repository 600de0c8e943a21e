"""Reads a running explorer's screen as the text that a user sees."""

import re

from textual.pilot import Pilot
from textual.widgets import Input

from tui.app import Explorer


def seen(app: Explorer) -> str:
    """Return what is on the screen, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def press(pilot: Pilot[None], *keys: str) -> str:
    """Press keys one after another and return the screen after the last."""
    await pilot.press(*keys)
    await pilot.pause()
    app = pilot.app
    assert isinstance(app, Explorer)
    return seen(app)


async def find(pilot: Pilot[None], words: str) -> str:
    """Filter for words, as pasted into the filter, and return the screen with the keyboard back on the tree."""
    await pilot.press("slash")
    pilot.app.query_one("#filter", Input).value = words
    return await press(pilot, "enter")


def squeezed(shown: str) -> str:
    """Return a screen with two blanks between columns, however wide they are."""
    return re.sub(r" {3,}", "  ", shown)
