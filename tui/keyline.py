"""The line of keys at the bottom: what is bound where the keyboard is, as one text instead of a widget for each key."""

from collections.abc import Iterator

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

WRITING = (("enter", "⏎", "Go on"), ("escape", "esc", "Close"))
"""What ends writing on a line, on which every other key writes a letter."""


class KeyLine(Static):
    """Written anew when the keyboard goes elsewhere; a click on a key does what the key does."""

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis;
        link-style: none; link-color: $foreground 80%;
        link-color-hover: $foreground; link-background-hover: $primary 40%;
    }
    """

    def on_mount(self) -> None:
        """Begin to follow the keyboard."""
        self.screen.bindings_updated_signal.subscribe(self, self._write)

    def _write(self, screen: Screen[object]) -> None:
        if screen is not self.screen:
            return
        keys = WRITING if isinstance(screen.focused, Input) else self._keys(screen)
        self.update(Content("  ").join(
            Content.from_markup(f"[@click=app.simulate_key('{key}')][b $accent]$sign[/] $told[/]", sign=sign, told=told)
            for key, sign, told in keys
        ))  # fmt: skip

    def _keys(self, screen: Screen[object]) -> Iterator[tuple[str, str, str]]:
        """Yield the keys that are shown where the keyboard is: the view's own first, what always works last."""
        shown = set()
        bound = [active.binding for active in screen.active_bindings.values() if active.binding.show]
        for binding in sorted(bound, key=lambda one: (one.id or "").startswith("everywhere")):
            if binding.action not in shown:
                shown.add(binding.action)
                yield binding.key, self.app.get_key_display(binding), binding.description
