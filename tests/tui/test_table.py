"""The table that draws only what is on the screen, and the filter language."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from tui import strips
from tui.sheet import Column, Line, Sheet
from tui.table import Table
from twin.report.query import Index, within

COLUMNS = (Column("name", 12), Column("size", right=True), Column("where"))
MANY = 10_000


def lines(count: int) -> list[Line]:
    """Return rows whose sizes fall while their names rise; texts of sizes sort otherwise than the sizes."""
    sizes = range(count, 0, -1)
    return [
        Line(f"k{n}", (f"row-{n:05}", str(s), "here" * 40), order=(f"row-{n:05}", s, "")) for n, s in enumerate(sizes)
    ]


def test_a_column_gives_way_until_the_next_one_fits() -> None:
    """Not for what comes after that, and not below its least; a cell is drawn without what goes without saying."""
    columns = (Column("name", 21, least=15), Column("type", bare="aws."), Column("state"))
    line = Line("k", ("a" * 25, "aws.cloudwatch.alarm", "to create"))
    sheet = Sheet(columns, [line])
    assert sheet.widths == (21, 16, 9)
    assert [sheet.within(room).widths[0] for room in (80, 41, 40, 36, 30)] == [21, 21, 20, 16, 15]
    assert {sheet.within(room).widths[1:] for room in (80, 30)} == {sheet.widths[1:]}
    drawn = "".join(segment.text for segment in strips.row(sheet.within(36), line, Style(), marked=False))
    assert drawn.startswith(f"  {'a' * 15}…  cloudwatch.alarm")


class Room(App[None]):
    """An application with one table in it."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        """Make the table."""
        yield Table(COLUMNS, id="table")

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Table).fill(lines(self.count))
        self.query_one(Table).focus()

    def on_table_highlighted(self, event: Table.Highlighted) -> None:
        """Keep what the cursor is on."""
        self.told.append(event.key)

    def on_table_left(self) -> None:
        """Keep that the user leaves."""
        self.told.append("left")

    def on_table_selected(self, event: Table.Selected) -> None:
        """Keep what is chosen."""
        self.told.append(f"chose {event.key}")


def shown(app: App[None]) -> list[str]:
    """Return the lines on the screen."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def keys(pilot: Pilot[None], *pressed: str) -> Table:
    """Press keys and return the table."""
    await pilot.press(*pressed)
    await pilot.pause()
    return pilot.app.query_one(Table)


async def test_only_the_rows_on_the_screen_are_drawn(
    monkeypatch: pytest.MonkeyPatch, painting: Callable[[Screen[Any]], None]
) -> None:
    """Of ten thousand rows the first paint makes as many as the screen has lines, not one more each time."""
    monkeypatch.setattr(Screen, "_compositor_refresh", painting)
    made: list[str] = []
    row = strips.row
    monkeypatch.setattr(
        "tui.table.row", lambda sheet, line, style, **more: made.append(line.key) or row(sheet, line, style, **more)
    )
    app = Room(MANY)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert set(made) == {f"k{n}" for n in range(19)}
        await keys(pilot, "G")
        assert set(made[-19:]) == {f"k{n}" for n in range(MANY - 19, MANY)}
        assert len(set(made)) == 38


async def test_the_cursor_stays_on_the_screen_under_a_header_that_stays() -> None:
    """Down, up, by pages, to the ends; each move is told, and the row under the cursor is among the lines."""
    app = Room(500)
    async with app.run_test(size=(60, 20)) as pilot:
        for pressed, key in (("j", "k1"), ("pagedown", "k20"), ("end", "k499"), ("k", "k498"), ("pageup", "k479")):
            table = await keys(pilot, pressed)
            assert (table.key, app.told[-1]) == (key, key)
            found = shown(app)
            assert found[0].split() == ["name", "size", "where", "›"]
            assert any(f"row-{int(key[1:]):05}" in line for line in found)
        assert (await keys(pilot, "g", "up")).key == "k0"
        await keys(pilot, "enter")
        assert app.told[-1] == "chose k0"


async def test_it_sorts_by_value_and_keeps_the_row_under_the_cursor() -> None:
    """By each column up and down, then as the rows came; a hundred comes after nine though its text does not."""
    app = Room(120)
    async with app.run_test(size=(60, 20)) as pilot:
        table = await keys(pilot, "j", "j", "s", "s")
        assert [line.key for line in table.lines[:2]] == ["k119", "k118"]
        table = await keys(pilot, "s")
        assert [line.cells[1] for line in table.lines[:3]] == ["1", "2", "3"]
        assert "size↑" in shown(app)[0]
        assert table.key == "k2"
        table = await keys(pilot, "s", "s", "s", "s")
        assert (table.sorting.column, [line.key for line in table.lines[:2]]) == (None, ["k0", "k1"])


async def test_columns_are_cut_with_an_ellipsis_and_moved_sideways() -> None:
    """What is wider than the screen is reached with the arrows; left of the first column one leaves."""
    app = Room(5)
    async with app.run_test(size=(40, 8)) as pilot:
        table = await keys(pilot, "right", "right")
        assert table.scroll_x == 16
        assert shown(app)[0].startswith("‹")
        assert not any("row-0" in line for line in shown(app))
        for _ in range(12):
            table = await keys(pilot, "l")
        assert table.scroll_x == table.sheet.width - 40
        assert "›" not in shown(app)[0]
        assert shown(app)[1].rstrip().endswith("…")
        for _ in range(12):
            await keys(pilot, "h")
        assert "row-00000" in shown(app)[1]
        assert app.told[-1] == "left"


async def test_the_mouse_moves_sorts_and_chooses() -> None:
    """A click on a row, one on a header, two on a row."""
    app = Room(50)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.click(Table, offset=(4, 5))
        assert app.query_one(Table).key == "k4"
        await pilot.click(Table, offset=(14, 0))
        assert app.query_one(Table).sorting.column == 1
        assert app.query_one(Table).key == "k4"
        await pilot.click(Table, offset=(4, 1), times=2)
        await pilot.pause()
        assert app.told[-1].startswith("chose")


async def test_a_mark_is_seen_and_stays_through_a_filter() -> None:
    """A sign before the row; the row that the cursor is on stays when others go."""
    app = Room(50)
    async with app.run_test(size=(60, 20)) as pilot:
        table = await keys(pilot, "j", "j")
        table.action_mark()
        table.narrow([2, 3, 40])
        await pilot.pause()
        assert [line.key for line in table.lines] == ["k2", "k3", "k40"]
        assert table.key == "k2"
        assert shown(app)[1].startswith("● row-00002")
        table.narrow([])
        await pilot.pause()
        assert (table.key, table.lines) == (None, [])
        await keys(pilot, "j", "enter", "s", "l", "h")
        table.fill(lines(3))
        await pilot.pause()
        assert table.key == "k0"


def test_a_column_is_as_wide_as_its_widest_cell_and_no_wider_than_it_may() -> None:
    """Signs that take two cells count as two."""
    sheet = Sheet((Column("a"), Column("long title"), Column("b", 4)), [Line("x", ("東京", "1", "abcdefgh"))])
    assert sheet.widths == (4, 11, 4)
    assert Sheet((Column("a"), Column("bc")), []).widths == (2, 3)


@pytest.fixture
def index() -> Index:
    """Three resources."""
    told = [
        ("aws.s3.bucket.data-lake arn:aws:s3:::lake", {"type": "aws.s3.bucket", "state": "drift", "tag": "Owner=Data"}),
        ("aws.sqs.queue.jobs", {"type": "aws.sqs.queue", "state": "to create", "tag": "owner=web\nenv=prod"}),
        ("okta.user.eve", {"type": "okta.user", "state": "unmanaged"}),
    ]
    return Index.of(told, lambda item: item)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("", [0, 1, 2]),
        ("aws jobs", [1]),
        ("AWS", [0, 1]),
        ("!aws", [2]),
        ("aws !s3", [1]),
        ("type:bucket", [0]),
        ("!type:aws", [2]),
        ("tag:owner", [0, 1]),
        ("tag:owner=data", [0]),
        ("!tag:owner", [2]),
        ('state:"to create"', [1]),
        ("state:dr", [0]),
        ("~dtlk", [0]),
        ("!~dtlk", [1, 2]),
        ("type:~okr", [2]),
        ("arn:aws:s3:::lake", [0]),
        ("zone:x", []),
        ("!", []),
        ("type:", [0, 1, 2]),
    ],
    ids=str,
)
def test_the_filter_language(index: Index, written: str, found: list[int]) -> None:
    """Words, not, facets, fuzzy; a colon after what is no facet is part of the word, as in an ARN."""
    assert found == index.matching(written)


def test_a_filter_looks_among_the_rows_that_it_is_given(index: Index) -> None:
    """In the order in which they are given."""
    assert index.matching("aws", [1, 0]) == [1, 0]


@pytest.mark.parametrize(
    ("letters", "text", "is_within"),
    [("", "x", True), ("abc", "a-b-c", True), ("cba", "a-b-c", False), ("aa", "a", False)],
    ids=str,
)
def test_letters_stand_within_a_text_in_their_order(letters: str, text: str, is_within: bool) -> None:
    """Each letter of the text is used once."""
    assert within(letters, text) is is_within
