"""The explorer: two read-only views of one plan, and the keys between them."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import ContentSwitcher, Footer, Static

from tui.help import HelpScreen
from tui.org import Org, tally
from tui.palette import THEME
from tui.spec_lines import SpecLines
from tui.views.changes import PlanView
from tui.views.explore import ExploreView
from twin.engine.plan import Plan
from twin.resources.declaration import Desired

VIEWS = {"explore": "1 Explore", "plan": "2 Plan"}


class Explorer(App[None]):
    """Shows a plan and the org behind it; it reads nothing and writes nothing itself."""

    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - typed so by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('explore')", "Explore"),
        Binding("2", "view('plan')", "Plan"),
        Binding("y", "copy", "Copy address"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
    ]
    CSS = """
    #switch { height: 1fr; }
    #top { height: 1; background: $panel; }
    #views { width: auto; padding: 0 1; }
    #where { width: 1fr; padding: 0 1; text-align: right; color: $foreground 70%; }
    .-wide PlanView #parts { layout: horizontal; }
    .-wide PlanView ChangeList { width: 50%; height: 1fr; }
    .-wide PlanView Pane { width: 1fr; padding-top: 0; }
    Footer { background: $panel; }
    """

    def __init__(self, plan: Plan, desired: Desired, lines: SpecLines | None = None) -> None:
        super().__init__()
        self.org = Org.of(plan, desired)
        self.desired = desired
        self.spec_lines = lines or SpecLines()

    def compose(self) -> ComposeResult:
        """Make the line on top, the views, and the line of keys."""
        with Horizontal(id="top"):
            yield Static(id="views")
            yield Static(self._where(), id="where")
        with ContentSwitcher(id="switch", initial="explore"):
            yield ExploreView(self.org, self.spec_lines, id="explore")
            yield PlanView(self.org, self.spec_lines, id="plan")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the tree."""
        self.register_theme(THEME)
        self.theme = THEME.name
        self.title = "twin"
        self.action_view("explore")

    @property
    def view(self) -> ExploreView | PlanView:
        """The view on the screen."""
        name = self.query_one(ContentSwitcher).current
        return self.query_one(ExploreView) if name == "explore" else self.query_one(PlanView)

    def action_view(self, name: str) -> None:
        """Show a view and give it the keyboard."""
        self.query_one(ContentSwitcher).current = name
        shown = [
            f"[@click=app.view('{key}')]{'[b reverse]' if key == name else '[dim]'} {title} [/][/]"
            for key, title in VIEWS.items()
        ]
        self.query_one("#views", Static).update(Content.from_markup(" ".join(shown)))
        self.view.start()

    def action_copy(self) -> None:
        """Copy the address under the cursor to the terminal's clipboard."""
        entry = self.view.current
        if entry is None:
            self.notify("this line has no address; go to a resource", severity="warning")
            return
        self.copy_to_clipboard(entry.address)
        self.notify(f"copied {entry.address}", markup=False)

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.push_screen(HelpScreen(self.screen, self.org))

    def on_plan_view_chosen(self, event: PlanView.Chosen) -> None:
        """Show the resource of a change in the tree."""
        self.action_view("explore")
        self.query_one(ExploreView).go(event.key)

    def _where(self) -> Content:
        plan, counts = self.org.plan, tally(self.org.entries.values())
        states = "  ".join(f"{state.glyph}{count}" for state, count in counts.items())
        return Content(f"{plan.scope.owner} on {plan.target}   {states}")
