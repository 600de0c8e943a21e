"""Everything that a key does: the registry from which bindings, footer, help, palette and the docs page are made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

PLACES: Mapping[str, str] = {
    "everywhere": "Everywhere",
    "time": "Time, in every view",
    "explore": "Explore",
    "scenarios": "Scenarios",
    "timeline": "Timeline",
    "paths": "Paths",
    "cost": "Cost",
    "events": "Events",
    "topology": "Topology",
    "canvas": "In a drawing",
    "filtered": "In a table with a filter",
    "list": "In a list or table",
    "table": "In a table",
    "tree": "In a tree",
    "text": "In a text",
    "lines": "In the events of a run",
}
"""Where actions work, in the order of the help."""
MOVES = frozenset({"canvas", "filtered", "list", "table", "tree", "text", "lines"})
"""Those of a part of a view, which a view shares with others."""
WITHIN: Mapping[str, tuple[str, ...]] = {
    "explore": ("everywhere", "time", "explore", "tree"),
    "details": ("everywhere", "time", "explore", "text"),
    "resources": ("everywhere", "time", "explore", "list", "table"),
    "neighbours": ("everywhere", "time", "explore", "list"),
    "plan": ("everywhere", "time", "list", "table"),
    "scenarios": ("everywhere", "time", "scenarios", "filtered", "list", "table"),
    "paths": ("everywhere", "time", "paths", "filtered", "list", "table"),
    "cost": ("everywhere", "time", "cost", "filtered", "list", "table"),
    "events": ("everywhere", "time", "events", "filtered", "list", "table"),
    "topology": ("everywhere", "time", "topology", "canvas"),
    "timeline": ("everywhere", "time", "timeline", "lines"),
}
"""Which of them work at once, where the keyboard is in a part of a view; there no two may want the same key."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done: its id, by which keys are bound anew, what it is called, and what it does."""

    id: str
    keys: str
    run: str
    title: str
    help: str
    shown: bool = False
    """Whether the line of keys at the bottom has it."""
    sign: str | None = None
    """How its key is written, where that is not the key's own name."""

    @property
    def place(self) -> str:
        """Where it works."""
        return self.id.partition(".")[0]

    def binding(self) -> Binding:
        """Return the binding, whose keys a user's keymap may replace."""
        return Binding(self.keys, self.run, self.title, self.shown, self.sign, tooltip=self.help, id=self.id)


def _moves(place: str, *, down: str, up: str, first: str, last: str) -> Iterator[Action]:
    yield Action(f"{place}.down", "down,j", down, "Down", "A line down.")
    yield Action(f"{place}.up", "up,k", up, "Up", "A line up.")
    yield Action(f"{place}.first", "home,g", first, "To the first", "To the first line.")
    yield Action(f"{place}.last", "end,G", last, "To the last", "To the last line.")
    yield Action(f"{place}.page_down", "pagedown,ctrl+d", "page_down", "A page down", "As many lines down as are seen.")
    yield Action(f"{place}.page_up", "pageup,ctrl+u", "page_up", "A page up", "As many lines up as are seen.")


ACTIONS: tuple[Action, ...] = (
    Action("everywhere.explore", "1", "view('explore')", "Explore", "The org: every resource with its state."),
    Action("everywhere.plan", "2", "view('plan')", "Plan", "What an apply would change, and why."),
    Action("everywhere.scenarios", "3", "view('scenarios')", "Scenarios", "What can be rehearsed, and its outcome."),
    Action("everywhere.timeline", "4", "view('timeline')", "Timeline", "A run in time."),
    Action("everywhere.paths", "5", "view('paths')", "Paths", "Who can become whom, and which packets get where."),
    Action("everywhere.cost", "6", "view('cost')", "Cost", "What it costs, by service, tag and more."),
    Action("everywhere.events", "7", "view('events')", "Events", "What the vendors' logs tell."),
    Action("everywhere.topology", "8", "view('topology')", "Topology", "What is around a thing of the network."),
    Action("everywhere.commands", "colon,ctrl+p", "command_palette", "Commands",
           "Every action, resource and scenario, found by its words.", shown=True, sign=":"),
    Action("everywhere.copy_address", "y", "copy", "Copy address",
           "The address under the cursor, to the terminal's clipboard (OSC 52)."),
    Action("everywhere.copy_arn", "Y", "copy_arn", "Copy ARN",
           "The ARN under the cursor, or the vendor's id where there is none, to the clipboard.", sign="Y"),
    Action("everywhere.mark", "m", "mark", "Mark to diff",
           "Mark a resource; the second one that is marked is set against the first, field by field."),
    Action("everywhere.back", "left_square_bracket", "return", "Back", "To the resource shown before.", sign="["),
    Action("everywhere.forward", "right_square_bracket", "forward", "Forward",
           "To the resource from which one went back.", sign="]"),
    Action("everywhere.jump", "f", "jump", "Jump", "A letter on each part that can have the keyboard; it goes there."),
    Action("everywhere.export", "e", "export", "Export the view",
           "Write what the view lists to a file: CSV, JSON or Markdown."),
    Action("everywhere.picture", "S", "picture", "Save a picture", "The screen as SVG, in the current folder."),
    Action("everywhere.break", "B", "fault", "Break or mend the twin",
           "Begin a fault on the running twin, or heal one; elsewhere it prints the command."),
    Action("everywhere.look", "ctrl+r", "look", "Look again", "Read the target once more; what is there is shown."),
    Action("everywhere.theme", "t", "theme", "Colours", "Dark, light, and two for eyes that confuse red and green."),
    Action("everywhere.help", "question_mark", "help", "Help", "The keys that work here.", shown=True, sign="?"),
    Action("everywhere.quit", "q", "quit", "Quit", "Leave; a scenario that is on ends with it.", shown=True),
    Action("time.back", "comma", "scrub(-1)", "A tenth back", "Every view as of a tenth of the run before.", sign=","),
    Action("time.on", "full_stop", "scrub(1)", "A tenth on", "Every view as of a tenth of the run later.", sign="."),
    Action("time.change_before", "less_than_sign", "changed(-1)", "Change before",
           "To when the org changed last before this instant.", sign="<"),
    Action("time.change_after", "greater_than_sign", "changed(1)", "Next change",
           "To when the org changes next.", sign=">"),
    Action("time.live", "L", "live", "Back to live",
           "To the newest instant of the run that is on; else, and from there, to the target as it is now.", sign="L"),
    Action("explore.filter", "slash", "filter", "Filter", "Words of an address, id or state.", shown=True, sign="/"),
    Action("explore.clear", "escape", "clear", "Clear the filter", "Show everything again."),
    Action("scenarios.run", "r", "run(False)", "Run", "On a twin of its own; the views follow it.", shown=True),
    Action("scenarios.run_all", "R", "run(True)", "Run with variants",
           "The scenario and its variants, each held to its verdict.", shown=True),
    Action("scenarios.stop", "x", "stop", "Stop", "End the run that is on."),
    Action("timeline.next", "right,l", "step(1)", "Next event", "To the next instant at which anything happened.",
           shown=True, sign="→"),
    Action("timeline.before", "left,h", "step(-1)", "Event before", "To the instant before.", sign="←"),
    Action("timeline.play", "space", "play", "Play, or stop", "Let time pass, or hold it.", shown=True),
    Action("timeline.go", "g", "ask", "Go to a time", "Such as 1:05:00, 65m, 90 or 50%.", shown=True),
    Action("timeline.start", "home", "go(0)", "To the start", "The first instant."),
    Action("timeline.end", "end,G", "go(1)", "To the end", "The last instant; of a run that is on, the newest."),
    Action("timeline.fault", "n", "fault", "Next fault or alarm", "Or act of an attacker; after the last, the first."),
    Action("paths.ask", "o", "ask", "Ask", "Ask for the ways from one to another.", shown=True),
    Action("paths.turn", "p", "turn", "Switch", "Ways of principals, or of packets.", shown=True),
    Action("paths.break", "b", "break", "Break here", "Look for the narrowest change that leaves no way.", shown=True),
    Action("paths.read", "r", "read", "Read again", "Read the target again."),
    Action("paths.close", "escape", "close", "All ways", "Show all ways again."),
    Action("cost.group", "w", "group(1)", "By …",
           "By service, account, environment, region, usage, resource, each tag.", shown=True),
    Action("cost.group_before", "W", "group(-1)", "By … before", "The grouping before."),
    Action("cost.read", "r", "read", "Read again", "Read the meter again.", shown=True),
    Action("events.follow", "space", "follow", "Follow", "Read what is new every two seconds, or stop.", shown=True),
    Action("events.reads", "a", "reads", "Reads too", "CloudTrail's reads too, or only what changes something.",
           shown=True),
    Action("events.read", "r", "read", "Read again", "Read the logs again."),
    Action("topology.deeper", "plus,equals_sign", "deepen(1)", "Deeper", "One step more around.", shown=True, sign="+"),
    Action("topology.less", "minus", "deepen(-1)", "Less", "One step less around.", sign="-"),
    Action("topology.blast", "b", "blast", "Blast", "What is lost and hurt without this box.", shown=True),
    Action("topology.way", "p", "way", "Path",
           "The way of packets from the centre, or from the internet, to the box.", shown=True),
    Action("topology.find", "o", "find", "Find", "Show what is around a thing, by its id or name.", shown=True),
    Action("topology.back", "backspace", "back", "Back", "To the centre before."),
    Action("topology.read", "r", "read", "Read again", "Read the network again."),
    Action("topology.close", "escape", "close", "Plain", "Lay nothing over it."),
    Action("canvas.down", "down,j", "step(0, 1)", "Down", "To the box below."),
    Action("canvas.up", "up,k", "step(0, -1)", "Up", "To the box above."),
    Action("canvas.right", "right,l", "step(1, 0)", "Right", "To the column on the right."),
    Action("canvas.left", "left,h", "step(-1, 0)", "Left", "To the column on the left."),
    Action("canvas.choose", "enter", "choose", "Go", "Show what is around the box.", shown=True),
    Action("filtered.filter", "slash", "filter", "Filter", "Words, !not, ~fuzzy, and the columns by name.",
           shown=True, sign="/"),
    Action("filtered.clear", "escape", "clear", "Clear the filter", "Show everything again."),
    *_moves("list", down="cursor_down", up="cursor_up", first="first", last="last"),
    Action("list.select", "enter", "select", "Choose it", "Go to what is under the cursor, or on to its details."),
    Action("table.right", "right,l", "right", "To the right", "Show what is right of the table's edge."),
    Action("table.left", "left,h", "left", "To the left, or out", "Show what is left of it, or leave the table."),
    Action("table.sort", "s", "sort", "Sort by the next column", "Up, then down, then by the next one."),
    Action("table.order", "O", "order", "Sort by a column", "A letter for each; the same again turns it round."),
    Action("table.copy_row", "C", "app.copy_row", "Copy the row", "Its cells, with tabs between, to the clipboard."),
    *_moves("tree", down="cursor_down", up="cursor_up", first="scroll_home", last="scroll_end"),
    Action("tree.open", "right,l", "open", "Open, or go in", "Open the part under the cursor, or step into it."),
    Action("tree.close", "left,h", "close", "Close, or go out", "Close the part, or go to the one around it."),
    Action("tree.enter", "enter", "enter", "Open or close, or go in", "Or go on to the resources, at the end."),
    *_moves("text", down="scroll_down", up="scroll_up", first="scroll_home", last="scroll_end"),
    Action("lines.down", "down,j", "scroll_down", "Down", "A line down."),
    Action("lines.up", "up,k", "scroll_up", "Up", "A line up."),
    Action("lines.page_down", "pagedown,ctrl+d", "page_down", "A page down", "As many lines down as are seen."),
    Action("lines.page_up", "pageup,ctrl+u", "page_up", "A page up", "As many lines up as are seen."),
)  # fmt: skip


def bindings(*places: str) -> list[BindingType]:
    """Return the bindings of some places, in the registry's order."""
    return [action.binding() for action in ACTIONS if action.place in places]
