"""The explore view."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.conftest import KEY, LAKE, ORDERS, SECRET
from tests.tui.screen import find, press, squeezed
from tui.app import Explorer
from tui.pane import Neighbours
from tui.sheet import Line
from tui.table import Table
from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.resources.aws.s3 import Bucket
from twin.resources.declaration import Desired

STATES = {
    "kms": "✓ data  kms.key  as spec",
    "jobs": "+ jobs  sqs.queue  to create",
    "lake": "≠ lake  s3.bucket  drift",
    "orders": "± orders  rds.instance  to replace",
    "old": "- old  sqs.queue  to remove",
    "eve": "? eve[bold]  okta.user  unmanaged",
}


async def test_each_state_has_a_glyph_and_a_word(explorer: Explorer) -> None:
    """One row of the table for each way to stand against the spec; a vendor's text is no markup."""
    async with explorer.run_test(size=(120, 40)) as pilot:
        systems = squeezed(await press(pilot, "home"))
        assert STATES["eve"] not in systems
        for words, line in STATES.items():
            assert line in squeezed(await find(pilot, words))


async def test_the_filter_hides_the_rest_until_escape(explorer: Explorer) -> None:
    """Words narrow the tree, by state too; escape brings everything back."""
    async with explorer.run_test() as pilot:
        shown = await find(pilot, "drift")
        assert "≠ lake" in shown
        assert "Okta" not in shown
        shown = await find(pilot, "zzz")
        assert "nothing matches" in shown
        assert "Refers to" not in shown
        everything = await press(pilot, "escape")
        assert "Okta" in everything
        assert not explorer.query_one(Input).display


async def test_the_pane_follows_when_another_resource_takes_the_line(explorer: Explorer) -> None:
    """Two filters that put two resources on the same row of the table each fill the pane anew."""
    async with explorer.run_test(size=(110, 40)) as pilot:
        assert ORDERS in await find(pilot, "replace")
        line = explorer.query_one("#resources", Table).cursor
        shown = await find(pilot, "lake")
        assert explorer.query_one("#resources", Table).cursor == line
        assert LAKE in shown
        assert ORDERS not in shown


async def test_keys_typed_into_the_filter_are_no_commands(explorer: Explorer) -> None:
    """`q`, `2` and `?` are letters while the filter has the keyboard."""
    async with explorer.run_test() as pilot:
        await press(pilot, "slash", "q", "2", "question_mark", "y", "j")
        assert explorer.query_one(Input).value == "q2?yj"
        assert explorer.view.id == "explore"


async def test_the_pane_sets_observed_against_desired(explorer: Explorer) -> None:
    """A field that somebody changed shows both values and who moved."""
    async with explorer.run_test(size=(110, 50)) as pilot:
        shown = await find(pilot, "lake")
        lines = shown.splitlines()
        at = next(i for i, line in enumerate(lines) if "observed" in line)
        assert "false" in lines[at]
        assert "desired" in lines[at + 1]
        assert "true" in lines[at + 1]
        assert "changed by hand" in lines[at + 2]


async def test_the_spec_line_that_caused_a_resource_is_marked(explorer: Explorer) -> None:
    """The excerpt marks the line, and no other, between its neighbours."""
    async with explorer.run_test(size=(110, 60)) as pilot:
        shown = await find(pilot, "lake")
        assert "org.yaml:4" in shown
        assert "▸ 4 │     lake: {versioned: true}" in shown
        assert "▸ 3 │" not in shown
        assert "3 │   buckets:" in shown


async def test_neighbours_are_shown_on_both_ends_and_lead_there(explorer: Explorer) -> None:
    """The bucket refers to the key; enter goes there, where the bucket and the database are its users."""
    async with explorer.run_test(size=(110, 60)) as pilot:
        shown = await find(pilot, "lake")
        assert "Refers to  1" in shown
        assert f"✓ {KEY}  policy" in shown
        shown = await press(pilot, "tab", "tab", "down", "enter")
        assert explorer.view.current is not None
        assert explorer.view.current.key == KEY
        assert "Used by  2" in shown
        assert f"{LAKE}  policy" in shown
        assert f"{ORDERS}  kms_key" in shown


async def test_vim_keys_and_arrows_move_alike(explorer: Explorer) -> None:
    """The same way through the tree, once with letters and once with arrows, ends on the same resource."""
    async with explorer.run_test() as pilot:
        await press(pilot, "home")
        await press(pilot, "j", "l", "l", "l", "l")
        by_letters = explorer.view.current
        await press(pilot, "g", "h", "h", "enter")
        await press(pilot, "home", "down", "right", "right", "right", "right")
        assert by_letters is not None
        assert by_letters.key == KEY
        assert explorer.view.current is by_letters


async def test_a_secret_never_appears(explorer: Explorer) -> None:
    """The password's row is in both views, its source and values in none, though the plan holds them.

    Its marker is what hides it: the user's name, in the same row's neighbour, is readable.
    """
    async with explorer.run_test(size=(120, 60)) as pilot:
        views = [await find(pilot, "orders"), await press(pilot, "2", "home", "j", "j", "j")]
        for shown in views:
            assert "password" in shown
            assert "(secret)" in shown
            assert SECRET not in shown
        assert "username" in views[0]
        assert SECRET in str(explorer.org.plan)


async def test_without_colour_every_state_still_reads(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR takes the colours away; sign and word stay."""
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Explorer(explorer.org.plan, explorer.desired, explorer.spec_lines)
    assert plain.no_color
    assert not explorer.no_color
    async with plain.run_test(size=(120, 40)) as pilot:
        assert "≠ lake  s3.bucket  drift" in squeezed(await find(pilot, "lake"))


async def test_a_small_terminal_shows_of_what_type_each_resource_is(explorer: Explorer) -> None:
    """At 80 columns sign, name and type are whole, AWS's without the vendor."""
    async with explorer.run_test(size=(80, 24)) as pilot:
        assert "± orders  rds.instance" in squeezed(await press(pilot, "home"))


async def test_of_many_neighbours_the_first_are_listed(plan: Plan, desired: Desired) -> None:
    """A key with a hundred users shows fifty, and how many more there are."""
    for number in range(100):
        policy = {"Key": f"${{{KEY}.arn}}"}
        desired.add(f"lake-{number}", Bucket(bucket=f"acme-{number}", policy=policy), ("data",))
    more = [Change(d.address, "create", fields=d.values) for d in desired if str(d.address).startswith(f"{LAKE}-")]
    app = Explorer(replace(plan, changes=(*plan.changes, *more)), desired)
    async with app.run_test(size=(110, 60)) as pilot:
        await find(pilot, KEY)
        options = [str(option.prompt) for option in app.query_one(Neighbours).options]
        assert len([text for text in options if "lake-" in text]) >= 48
        assert options[-1].strip() == "and 52 more"


async def test_an_org_of_two_regions_has_them_in_its_tree(plan: Plan, desired: Desired) -> None:
    """Account, then Region, then service; what has no Region is global, and one Region alone is not told."""
    there = Address("aws.sqs.queue", "jobs@us-west-2")
    role = Address("aws.iam.role", "work")
    more = tuple(Change(one, "create", fields={"name": one.name}, reason="new") for one in (there, role))
    alone = Explorer(plan, desired)
    async with alone.run_test(size=(120, 40)) as pilot:
        shown = await press(pilot, "1", "home")
        assert "AWS  5" in shown
        assert f"±1  {plan.scope.account}" in shown
        assert "us-east-1" not in shown
    app = Explorer(replace(plan, changes=(*plan.changes, *more)), desired)
    async with app.run_test(size=(120, 40)) as pilot:
        shown = squeezed(await press(pilot, "1", "home", "j"))
        assert [line.split()[1] for line in shown.splitlines()[2:5]] == ["global", "us-east-1", "us-west-2"]
        await press(pilot, "j", "j", "enter", "j")
        assert "jobs@us-west-2" in await press(pilot, "enter")
        keys = [line.key for line in app.query_one("#resources", Table).lines]
        assert keys == ["aws.sqs.queue.jobs@us-west-2"]
        assert keys == [line.key for line in await lines_of(pilot, app, "region:us-west-2")]


async def lines_of(pilot: Pilot[None], app: Explorer, words: str) -> list[Line]:
    """Return the rows that a filter leaves."""
    await find(pilot, words)
    return app.query_one("#resources", Table).lines
