"""Actions over a view: marking and diffing, ARNs, exports, jumps, and the way back."""

import csv
import json
from pathlib import Path

import pytest

from tests.tui.conftest import KEY, LAKE
from tests.tui.screen import find, press, squeezed
from tui.app import Explorer
from tui.listing import Listing
from tui.ordering import letters
from tui.prompts import DiffScreen
from tui.table import Table

LISTING = Listing("things", ("name", "told"), [("a|b", "two\nlines"), ("=1+1", "")])


async def test_two_marked_resources_are_set_side_by_side(explorer: Explorer) -> None:
    """The fields that differ, each with both values; how many are alike is said."""
    async with explorer.run_test(size=(120, 50), notifications=True) as pilot:
        await find(pilot, "lake")
        assert f"marked {LAKE}" in await press(pilot, "m")
        await press(pilot, "escape")
        await find(pilot, "jobs")
        shown = await press(pilot, "m")
        assert isinstance(explorer.screen, DiffScreen)
        assert LAKE in shown
        assert "acme-jobs" in shown
        assert "fields are alike" in shown
        await press(pilot, "escape")
        assert explorer.marked is None


async def test_a_mark_is_taken_away_by_the_same_key(explorer: Explorer) -> None:
    """M twice on one resource leaves nothing marked, in the table neither."""
    async with explorer.run_test(size=(120, 50), notifications=True) as pilot:
        await find(pilot, "lake")
        assert "●" in await press(pilot, "m")
        shown = await press(pilot, "m")
        assert "no longer marked" in shown
        assert "●" not in shown


async def test_capital_y_copies_the_arn_or_the_id(explorer: Explorer) -> None:
    """Where there is none yet, it says so and copies nothing."""
    async with explorer.run_test(notifications=True) as pilot:
        await find(pilot, "lake")
        await press(pilot, "Y")
        assert explorer.clipboard == "acme-lake"
        await press(pilot, "escape")
        await find(pilot, "jobs")
        assert "neither ARN nor id" in await press(pilot, "Y")
        assert explorer.clipboard == "acme-lake"


async def test_back_and_forward_follow_the_jumps(explorer: Explorer) -> None:
    """From the bucket to its key, back, and forth again; beyond the ends there is a word."""
    async with explorer.run_test(size=(110, 60), notifications=True) as pilot:
        await find(pilot, "lake")
        assert "nothing to go back to" in await press(pilot, "[")
        explorer.show_resource(KEY)
        await pilot.pause()
        keys = []
        for key in ("[", "]"):
            await press(pilot, key)
            keys.append(explorer.view.current.key)  # type: ignore[union-attr]
        assert keys == [LAKE, KEY]
        assert "nothing to go forward to" in await press(pilot, "]")
        assert "lake › data" in await press(pilot)


async def test_a_letter_jumps_to_a_part(explorer: Explorer) -> None:
    """Each part that can have the keyboard has one; another key changes nothing."""
    async with explorer.run_test(size=(110, 40)) as pilot:
        shown = await press(pilot, "home", "f")
        assert " a " in shown
        assert " s " in shown
        await press(pilot, "s")
        assert explorer.focused is explorer.screen.focus_chain[1]
        await press(pilot, "f", "9")
        assert explorer.focused is explorer.screen.focus_chain[1]


async def test_a_view_is_exported(explorer: Explorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a file that the message names; a second time to another one."""
    monkeypatch.chdir(tmp_path)
    async with explorer.run_test(size=(200, 40), notifications=True) as pilot:
        await press(pilot, "2")
        for key, end in (("c", "csv"), ("j", "json"), ("m", "md")):
            shown = "".join((await press(pilot, "e", key)).split())
            assert f"twin-plan.{end}" in shown
            assert "aws.sqs.queue.jobs" in (tmp_path / f"twin-plan.{end}").read_text()
        await press(pilot, "e", "c")
    wanted = {"twin-plan.csv", "twin-plan-2.csv", "twin-plan.json", "twin-plan.md"}
    assert {file.name for file in tmp_path.iterdir()} == wanted


def test_what_is_exported_can_be_read_again() -> None:
    """As CSV and JSON cell by cell; in Markdown a row is a line; no cell is a formula to a spreadsheet."""
    rows = list(csv.reader(LISTING.written("csv").splitlines(keepends=True)))
    assert rows == [["name", "told"], ["a|b", "two\nlines"], ["'=1+1", ""]]
    assert json.loads(LISTING.written("json"))["rows"][1] == {"name": "=1+1", "told": ""}
    assert LISTING.written("md").splitlines()[2] == "| a\\|b | two lines |"


async def test_the_picture_is_an_svg(explorer: Explorer, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """In the current folder, with what the screen shows."""
    monkeypatch.chdir(tmp_path)
    async with explorer.run_test(size=(80, 24)) as pilot:
        await press(pilot, "S")
    (file,) = tmp_path.iterdir()
    assert file.suffix == ".svg"
    assert "Explore" in file.read_text()


async def test_a_table_is_sorted_by_the_column_whose_letter_is_pressed(explorer: Explorer) -> None:
    """Each column has a letter; the same again turns the order round, and - brings back the one in which rows came."""
    async with explorer.run_test(size=(140, 40)) as pilot:
        table = explorer.query_one("#resources", Table)
        table.focus()
        came = [line.key for line in table.lines]
        assert "n name  t type  s state  i id" in squeezed(await press(pilot, "O"))
        await press(pilot, "i")
        ids = [line.cells[3] for line in table.lines]
        assert ids == sorted(ids, key=str.lower)
        await press(pilot, "O", "i")
        assert [line.cells[3] for line in table.lines] == sorted(ids, key=str.lower, reverse=True)
        await press(pilot, "O", "escape")
        assert table.sorting.column == 3
        await press(pilot, "O", "minus")
        assert [line.key for line in table.lines] == came


async def test_a_row_is_copied_whole(explorer: Explorer) -> None:
    """Its cells go to the clipboard, which the terminal keeps, with tabs between them."""
    async with explorer.run_test(size=(140, 40), notifications=True) as pilot:
        table = explorer.query_one("#resources", Table)
        table.focus()
        table.go(LAKE)
        await press(pilot, "C")
        assert explorer.clipboard == "≠ lake\taws.s3.bucket\tdrift\tacme-lake"


def test_columns_that_begin_alike_have_letters_of_their_own() -> None:
    """The first letter of the title that is free, else any."""
    assert letters(["time", "type", "tt", "", ""]) == ["t", "y", "a", "b", "c"]
