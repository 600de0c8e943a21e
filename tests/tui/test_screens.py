"""Each screen is what it was: as text at three sizes and without colour, and as the README's pictures.

`pytest tests/tui/test_screens.py --accept-screens` keeps the screens as they are now; `git diff` shows what changed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui.recorded import lines
from tests.tui.screen import find, press, seen
from tests.tui.test_read_views import everything
from tests.tui.test_timeline import ITEM
from tui.app import Explorer
from tui.runs import Run
from tui.safety import Place
from tui.then import PATIENCE
from twin.engine.plan import Plan
from twin.resources.declaration import Desired
from twin.scenario.recording.recording import read_recording

ROOT = Path(__file__).parents[2]
SCREENS, PICTURES = ROOT / "tests" / "screens", ROOT / "docs" / "pictures"
SIZES = ((80, 24), (120, 40), (200, 60))
PICTURED = (120, 40)
LIVE = Place("the real account 111122223333", live=True)


@dataclass(frozen=True, slots=True)
class Shot:
    """A screen: the keys that lead to it, a filter, and whether a run or a live target is looked at.

    `read` screens need the target to be read for them; `picture` screens are also pictures of the README.
    """

    name: str
    keys: str
    words: str = ""
    then: str = ""
    run: bool = False
    live: bool = False
    picture: bool = False
    read: bool = False
    wide: bool = False

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """At which sizes it is kept: the widest only where that lays it out otherwise."""
        return SIZES if self.wide else SIZES[:2]


SHOTS = (
    Shot("explore", "1 home", wide=True),
    Shot("jump", "1 home f"),
    Shot("help-explore", "1 home ?"),
    Shot("explore-resource", "1", "lake", picture=True),
    Shot("plan", "2 home j j j", picture=True, wide=True),
    Shot("scenarios", "3"),
    Shot("diff", "1", "lake", "m escape k m"),
    Shot("timeline", "home >", run=True, picture=True, wide=True),
    Shot("explore-as-of", "home 1 >", "lake", run=True, picture=True),
    Shot("plan-as-of", "home > 2", run=True),
    Shot("events-as-of", "home > 7", run=True),
    Shot("timeline-go", "4 home g", run=True),
    Shot("explore-live", "1 home", live=True),
    Shot("paths", "5", read=True),
    Shot("cost", "6", read=True),
    Shot("events", "7", read=True),
    Shot("topology", "8", read=True, wide=True),
)
GROUPS = tuple(
    tuple(shot for shot in SHOTS if (shot.run, shot.live, shot.read) == kind)
    for kind in ((False, False, False), (True, False, False), (False, True, False), (False, False, True))
)
"""Screens that one explorer shows one after another: each begins where escape leads from the one before."""


@pytest.fixture(autouse=True)
def painted(monkeypatch: pytest.MonkeyPatch, painting: Callable[[Screen[Any]], None]) -> None:
    """Paint here: what is seen under a prompt is what was painted before."""
    monkeypatch.setattr(Screen, "_compositor_refresh", painting)


@pytest.fixture(params=GROUPS, ids=lambda group: group[0].name)
def group(request: pytest.FixtureRequest) -> tuple[Shot, ...]:
    """Each group of the screens."""
    found: tuple[Shot, ...] = request.param
    return found


@pytest.fixture
def made(group: tuple[Shot, ...], plan: Plan, desired: Desired, explorer: Explorer) -> Callable[[], Explorer]:
    """Return what makes the explorer of a group of screens."""
    shot = group[0]

    def make() -> Explorer:
        runs = [Run.of(read_recording(json.dumps(line) for line in lines(plan, desired)))] if shot.run else []
        place = LIVE if shot.live else Place()
        return Explorer(plan, desired, explorer.spec_lines, scenarios=[ITEM], runs=runs, place=place,
                        sources=everything() if shot.read else None)  # fmt: skip

    return make


async def lead(pilot: Pilot[None], shot: Shot) -> None:
    """Go to a screen."""
    await press(pilot, *shot.keys.split())
    if shot.read:
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.pause()
    if shot.words:
        await find(pilot, shot.words)
    if shot.then:
        await press(pilot, *shot.then.split())
    if shot.name == "events-as-of":
        await pilot.pause(2 * PATIENCE)
    await pilot.pause()


def kept(file: Path, now: str, *, accept: bool) -> str:
    """Return what is kept in a file; what it is now is kept when it is accepted."""
    if accept:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(now, encoding="utf-8")
    assert file.exists(), f"{file.name} is new: look at it, and accept it with --accept-screens"
    return file.read_text(encoding="utf-8")


async def test_each_screen_is_what_it_was(group: tuple[Shot, ...], made: Callable[[], Explorer], request) -> None:  # type: ignore[no-untyped-def]
    """At each size every line is as wide as the screen, and each letter is where it was."""
    accept = request.config.getoption("--accept-screens")
    app = made()
    async with app.run_test(size=SIZES[0]) as pilot:
        for shot in group:
            await lead(pilot, shot)
            for width, height in shot.sizes:
                await pilot.resize_terminal(width, height)
                await pilot.pause()
                await pilot.pause()
                shown = seen(app)
                assert {len(line) for line in shown.splitlines()} == {width}
                trimmed = "".join(f"{line.rstrip()}\n" for line in shown.splitlines())
                assert trimmed == kept(SCREENS / f"{shot.name}-{width}x{height}.txt", trimmed, accept=accept)
                if shot.picture and (width, height) == PICTURED:
                    drawn = app.export_screenshot(title="twin tui")
                    assert drawn == kept(PICTURES / f"{shot.name}.svg", drawn, accept=accept)
            await pilot.resize_terminal(*SIZES[0])
            await press(pilot, "escape", "escape")


@pytest.mark.parametrize("group", [tuple(s for s in SHOTS if s.run and s.picture)], ids=["run"], indirect=True)
async def test_without_colour_it_says_the_same(
    group: tuple[Shot, ...], made: Callable[[], Explorer], monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    """NO_COLOR takes every colour and no word: the text is that of the screen in colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        for shot in group:
            await lead(pilot, shot)
            trimmed = "".join(f"{line.rstrip()}\n" for line in seen(app).splitlines())
            assert trimmed == (SCREENS / f"{shot.name}-80x24.txt").read_text(encoding="utf-8")
            assert [segment for segment in segments(app) if coloured(segment)] == []


def segments(app: Explorer) -> list[Segment]:
    """Return what is drawn on the screen, with its styles."""
    return [segment for strip in app.screen._compositor.render_strips() for segment in strip]


def coloured(segment: Segment) -> bool:
    """Tell whether a piece of a line has a colour that is no shade of grey."""
    style = segment.style
    colours = [c.triplet for c in (style.color, style.bgcolor) if c is not None and c.triplet] if style else []
    return any(len({c.red, c.green, c.blue}) > 1 for c in colours)


def test_no_screen_is_left_over() -> None:
    """What is kept is a screen of the table above."""
    wanted = {f"{shot.name}-{width}x{height}.txt" for shot in SHOTS for width, height in shot.sizes}
    assert {file.name for file in SCREENS.glob("*")} == wanted
    assert {file.name for file in PICTURES.glob("*.svg")} == {f"{shot.name}.svg" for shot in SHOTS if shot.picture}
