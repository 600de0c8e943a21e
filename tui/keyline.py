"""The line of keys at the bottom: what is bound where the keyboard is, as one text instead of a widget for each key."""

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static


class KeyLine(Static):
    """Written anew when the keyboard goes elsewhere; a click on a key does what the key does."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; background: $panel; text-wrap: nowrap; text-overflow: clip; }
    """

    def on_mount(self) -> None:
        """Begin to follow the keyboard."""
        self.screen.bindings_updated_signal.subscribe(self, self._write)

    def _write(self, screen: Screen[object]) -> None:
        if screen is not self.screen:
            return
        shown: dict[str, Content] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and binding.action not in shown:
                key = self.app.get_key_display(binding)
                shown[binding.action] = Content.assemble(
                    Content.from_markup(f"[@click=app.simulate_key('{binding.key}')][b $accent]$key[/] $told[/]",
                                        key=key, told=binding.description)
                )  # fmt: skip
        self.update(Content(" ").join(shown.values()))
