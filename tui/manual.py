"""The page of keys, made from the registry: `python -m tui.manual > docs/keys.md`."""

from collections.abc import Iterator

from textual.keys import format_key

from tui.actions import ACTIONS, PLACES

HEAD = """# Keys of the explorer

Made from the registry of actions: `python -m tui.manual > docs/keys.md`. Arrows and vim's keys move alike; `:` finds
every action by its words, `?` shows those that work where you are.

To bind an action anew, write its id with its keys into `keys.yaml`, in `.twin/` or in `~/.config/twin/`:

```yaml
everywhere.quit: ctrl+q
timeline.next: [right, n]
timeline.fault: F
```

Keys are named as Textual names them (`question_mark`, `ctrl+d`, `left_square_bracket`). An id that does not exist, or a
key that two actions want in the same place, is refused with both names.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for place, title in PLACES.items():
        yield f"## {title}\n"
        yield "| keys | action | id | what it does |"
        yield "|---|---|---|---|"
        for action in ACTIONS:
            if action.place == place:
                keys = " ".join(f"`{format_key(key)}`" for key in action.keys.split(","))
                yield f"| {keys} | {action.title} | `{action.id}` | {action.help} |"
        yield ""


if __name__ == "__main__":
    print(page(), end="")
