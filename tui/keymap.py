"""Keys of the user's own: a YAML file that binds actions anew by their ids."""

from collections.abc import Iterator, Mapping

import yaml

from tui.actions import ACTIONS, WITHIN

OUT = "escape"
"""The key that leads out of whatever is innermost: a question, a filter, what was asked for."""


def read_keymap(text: str) -> dict[str, str]:
    """Return the keys by action; ValueError says what is wrong with the file."""
    try:
        told = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"it is no YAML: {error}") from error
    if not isinstance(told, dict):
        raise ValueError("write ACTION: KEYS, such as `everywhere.quit: ctrl+q`")  # noqa: TRY004 - what is wrong is the file
    known = {action.id for action in ACTIONS}
    keymap = {}
    for id_, keys in told.items():
        if id_ not in known:
            raise ValueError(f"there is no action {id_!r}; the ids are in docs/keys.md")
        written = [str(key) for key in keys] if isinstance(keys, list) else str(keys).split(",")
        keymap[id_] = ",".join(key.strip() for key in written)
    if found := list(collisions(keymap)):
        raise ValueError("; ".join(found))
    return keymap


def collisions(keymap: Mapping[str, str]) -> Iterator[str]:
    """Yield, in words, each two actions that want the same key where both work."""
    told = set()
    for part, places in WITHIN.items():
        taken: dict[str, str] = {}
        for action in ACTIONS:
            for key in keymap.get(action.id, action.keys).split(",") if action.place in places else ():
                if key == OUT:
                    continue
                other = taken.setdefault(key, action.id)
                if other != action.id and (other, action.id) not in told:
                    told.add((other, action.id))
                    yield f"{key} is both {other} and {action.id}, in {part}"
