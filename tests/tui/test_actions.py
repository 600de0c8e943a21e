"""The registry of actions: complete, without collisions, and what bindings, help, palette and docs are made from."""

from pathlib import Path

import pytest

from tests.tui.screen import press
from tui.actions import ACTIONS, PLACES, WITHIN, bindings
from tui.app import Explorer
from tui.keymap import collisions, read_keymap
from tui.manual import page
from twin.engine.plan import Plan
from twin.resources.declaration import Desired

KEYS = Path(__file__).parents[2] / "docs" / "keys.md"
TEXTUAL = {"tab", "shift+tab", "ctrl+c", "super+c", "ctrl+q", "ctrl+i"}
"""Keys that Textual binds by itself in every application."""


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_complete(action):
    """Each has an id with its place, keys, a title, a sentence of help, and its line in the docs."""
    assert action.place in PLACES
    assert action.keys.strip(",")
    assert action.title[0].isupper()
    assert action.help.endswith(".")
    assert f"| `{action.id}` | {action.help} |" in KEYS.read_text()


def test_ids_are_unique_and_places_are_used():
    """Two actions of one name could not be bound apart; a place in no part of a view could not be reached."""
    ids = [action.id for action in ACTIONS]
    assert sorted(set(ids)) == sorted(ids)
    assert {place for places in WITHIN.values() for place in places} == set(PLACES)


def test_no_two_actions_want_one_key():
    """Neither as they come nor unnoticed after a user bound one anew."""
    assert list(collisions({})) == []
    assert list(collisions({"explore.filter": "m"})) == ["m is both everywhere.mark and explore.filter, in explore"]


def test_the_page_of_keys_is_up_to_date():
    """What docs/keys.md says is what the registry says."""
    assert KEYS.read_text() == page()


async def test_what_a_view_binds_comes_from_the_registry(explorer):
    """No key works that the registry does not know, wherever the keyboard is."""
    known = {b.id for b in bindings(*PLACES)}
    async with explorer.run_test(size=(120, 40)) as pilot:
        for view in "1234":
            await press(pilot, view)
            for part in explorer.screen.focus_chain:
                explorer.screen.set_focus(part)
                bound = [active.binding for active in explorer.screen.active_bindings.values()]
                assert {b.key for b in bound if b.id not in known} <= TEXTUAL


async def test_a_key_can_be_bound_anew(plan: Plan, desired: Desired):
    """The new key does it, the old one no longer does."""
    keymap = read_keymap("everywhere.plan: [ctrl+p, 9]\neverywhere.commands: colon\n")
    app = Explorer(plan, desired, keymap=keymap)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "2")
        assert app.view.id == "explore"
        await press(pilot, "9")
        assert app.view.id == "plan"


@pytest.mark.parametrize(
    ("text", "why"),
    [("quit: x", "no action 'quit'"), ("- x", "ACTION: KEYS"), ("{", "no YAML"), ("everywhere.quit: y", "y is both")],
)
def test_a_keymap_that_cannot_be_meant_is_refused(text, why):
    """An unknown id, a list, no YAML, a key that two want."""
    with pytest.raises(ValueError, match=why):
        read_keymap(text)


async def test_the_help_says_what_an_action_is_called(explorer):
    """Each title of the place where the keyboard is, and each that works everywhere."""
    async with explorer.run_test(size=(100, 100)) as pilot:
        shown = await press(pilot, "4", "question_mark")
        for action in ACTIONS:
            there = not action.run.startswith("view") or explorer.query(f"#{action.run[6:-2]}")
            if there and action.place in WITHIN["timeline"]:
                assert action.title in shown
