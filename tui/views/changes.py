"""The plan view: what an apply would do, each change with its reason and the attributes that differ."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui import detail
from tui.keys import LIST
from tui.listing import Listing
from tui.org import Entry, Org
from tui.palette import FAINT
from tui.pane import Pane
from tui.spec_lines import SpecLines
from tui.states import SIGNS, TO_REPLACE, UNMANAGED
from twin.engine.plan import Change
from twin.report.plan import summary


class ChangeList(OptionList, inherit_bindings=False):
    """The changes, then what nobody manages, then what could not be read; choosing one shows it in Explore."""

    BINDINGS = LIST
    DEFAULT_CSS = """
    ChangeList { border: none; padding: 0 1; background: transparent; scrollbar-size-vertical: 1; }
    ChangeList:focus { border: none; background-tint: transparent; }
    """


class PlanView(Vertical):
    """The changes in the order of the spec over the details of one of them; side by side where there is room."""

    class Chosen(Message):
        """The user wants to see a change's resource in the tree."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    DEFAULT_CSS = """
    PlanView > #summary { height: 1; padding: 0 1; text-style: bold; background: $surface; }
    PlanView > #parts { layout: vertical; }
    PlanView ChangeList { height: 45%; background: $surface; }
    PlanView Pane { height: 1fr; padding-top: 1; }
    """

    def __init__(self, org: Org, lines: SpecLines, *, id: str) -> None:
        super().__init__(id=id)
        self.org = org
        self.lines = lines

    def compose(self) -> ComposeResult:
        """Make the sum, the list and the pane."""
        yield Static(Text(summary(self.org.plan)), id="summary")
        with Vertical(id="parts"):
            yield ChangeList(*self._options(), id="changes", markup=False)
            yield Pane(id="change")

    def on_mount(self) -> None:
        """Say so when there is nothing to look at."""
        if not self.org.pending and not self.org.unmanaged:
            self.query_one(Pane).tell([Text("Nothing to do: the target is as the spec wants it.", FAINT)])

    def show_org(self, org: Org) -> None:
        """Show the plan of another instant, the cursor where it is."""
        changes = self.query_one(ChangeList)
        kept = changes.highlighted_option.id if changes.highlighted_option is not None else None
        self.org = org
        self.query_one("#summary", Static).update(Text(summary(org.plan)))
        changes.clear_options()
        changes.add_options(self._options())
        keys = [option.id for option in changes.options]
        if kept in keys:
            changes.highlighted = keys.index(kept)
        elif changes.options:
            changes.action_first()
        self.on_mount()

    def listing(self) -> Listing:
        """Return the changes."""
        rows = [
            (change.action, str(change.address), ", ".join(d.field for d in change.differences), change.reason,
             f"{change.file}:{change.line}" if change.line else "")
            for change, _ in self.org.pending
        ]  # fmt: skip
        return Listing("plan", ("action", "address", "fields", "reason", "spec"), rows)

    @property
    def current(self) -> Entry | None:
        """The resource of the change under the cursor."""
        option = self.query_one(ChangeList).highlighted_option
        return self.org.entries.get(option.id) if option is not None and option.id is not None else None

    def start(self) -> None:
        """Take the keyboard."""
        self.query_one(ChangeList).focus()

    def _options(self) -> list[Option]:
        options = [Option(_line(change), id=change.key) for change, _ in self.org.pending]
        for entry in self.org.unmanaged:
            line = Text.assemble((f"{UNMANAGED.glyph} {entry.key}  {UNMANAGED.word}", UNMANAGED.colour))
            options.append(Option(line, id=entry.key))
        options += [Option(Text(f"! {why}", TO_REPLACE.colour), disabled=True) for why in detail.unreadable(self.org)]
        return options

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell about the change under the cursor."""
        entry = self.org.entries[str(event.option_id)]
        if entry.change is None:
            parts = detail.resource(entry, self.org.plan.scope.owner)
        else:
            parts = detail.change_of(entry.change, entry)
        self.query_one(Pane).tell([*parts, *detail.cause(entry, self.lines)])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show the change's resource in the tree."""
        self.post_message(self.Chosen(str(event.option_id)))


def _line(change: Change) -> Text:
    sign = SIGNS[change.action]
    line = Text(f"{sign.glyph} {change.address}", sign.colour, no_wrap=True, overflow="ellipsis")
    if change.surplus:
        line.append(f"  {change.id}")
    if change.differences:
        line.append(f"  {', '.join(d.field for d in change.differences)}")
    if change.reason not in ("new", "spec", ""):
        line.append(f"  {change.reason}", FAINT)
    return line
