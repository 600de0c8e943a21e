"""What can be done over any view: copy, mark and diff, jump, export, break the twin, colours, pictures, help."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from textual import work
from textual.app import App
from textual.notifications import Notify
from textual.widget import Widget

from tui.help import HelpScreen
from tui.keyboard import give
from tui.listing import Listed
from tui.org import Entry, Org
from tui.palette import THEMES
from tui.prompts import DiffScreen, ExportScreen, FaultScreen, JumpScreen
from tui.runner import RunFailed, Runner
from tui.safety import Place, command_line
from tui.table import Table


class Doing(App[None]):
    """The explorer without its views; what would change anything goes through `perform`."""

    org: Org
    place: Place
    runner: Runner | None
    marked: Entry | None = None

    @property
    def view(self) -> Widget:
        """The view on the screen."""
        raise NotImplementedError

    def look_again(self, *, asked: bool) -> None:
        """Look at the target; say so afterwards only to who asked for it."""
        raise NotImplementedError

    @property
    def entry(self) -> Entry | None:
        """The resource under the cursor; says so where there is none."""
        entry = getattr(self.view, "current", None)
        if not isinstance(entry, Entry):
            self.notify("this line has no address; go to a resource", severity="warning")
            return None
        return entry

    def on_notify(self, event: Notify) -> None:
        """Let a note take the place of the one before; what failed stays beside it."""
        for note in list(self._notifications):
            if note.severity != "error":
                self._unnotify(note, refresh=False)

    def _copy(self, text: str) -> None:
        self.copy_to_clipboard(text)
        self.notify(f"copied {text}", markup=False)

    def action_copy(self) -> None:
        """Copy the address under the cursor to the terminal's clipboard."""
        if (entry := self.entry) is not None:
            self._copy(entry.address)

    def action_copy_arn(self) -> None:
        """Copy the ARN under the cursor, or the vendor's id of what has none."""
        if (entry := self.entry) is not None:
            if entry.arn or entry.id:
                self._copy(entry.arn or str(entry.id))
            else:
                self.notify("it does not exist yet, so that it has neither ARN nor id", severity="warning")

    def action_copy_row(self) -> None:
        """Copy the row under the cursor."""
        table = self.focused
        if isinstance(table, Table) and table.row is not None:
            self._copy(table.row)

    def action_mark(self) -> None:
        """Mark a resource, or set a second one against it."""
        if (entry := self.entry) is None:
            return
        first, self.marked = self.marked, None
        if first is None:
            self.marked = entry
            self.notify(f"marked {entry.address}; m on another sets the two side by side", markup=False)
        elif first.key == entry.key:
            self.notify("no longer marked")
        else:
            self.push_screen(DiffScreen(first, entry))
        for table in self.query(Table):
            table.marks = {self.marked.key} if self.marked is not None else set()
            table.refresh()

    def action_jump(self) -> None:
        """Go to the part whose letter is pressed."""
        self.push_screen(JumpScreen(self.screen.focus_chain), lambda part: give(part) if part is not None else None)

    def action_export(self) -> None:
        """Write what the view lists to a file."""
        view = self.view
        if not isinstance(view, Listed):
            self.notify("this view has no list to export; S saves a picture of it", severity="warning")
            return
        listing = view.listing()

        def save(end: str | None) -> None:
            if end is None:
                return
            try:
                file = listing.save(Path.cwd(), end)
            except OSError as error:
                self.notify(f"not exported: {error.strerror}", severity="error", markup=False)
                return
            self.notify(f"{len(listing.rows)} lines in {file}", markup=False)

        self.push_screen(ExportScreen(), save)

    def action_fault(self) -> None:
        """Break or mend the running twin; where that must not or cannot be, tell the command."""
        runs = self.place.served and not self.place.locked
        note = "it begins at once" if runs else "it is printed, not carried out"

        def answer(text: str | None) -> None:
            if text and text.strip():
                self.perform(["fault", *text.split()], here=runs)

        self.push_screen(FaultScreen(note), answer)

    def perform(self, words: Sequence[str], *, here: bool) -> None:
        """Carry a command out, or tell it where nothing may be changed from here."""
        if not here or self.runner is None:
            self.copy_to_clipboard(command_line(words))
            self.notify(f"nothing was changed; the command (copied): {command_line(words)}", markup=False, timeout=10)
            return
        self._carry_out(self.runner, words)

    @work(thread=True)
    def _carry_out(self, runner: Runner, words: Sequence[str]) -> None:
        try:
            told, severity = runner.command(words), "information"
        except RunFailed as failed:
            told, severity = str(failed), "error"
        self.call_from_thread(self.notify, told, severity=severity, markup=False)
        self.call_from_thread(partial(self.look_again, asked=False))

    def action_theme(self) -> None:
        """Take the next set of colours: dark, light, and two for eyes that red and green do not tell apart."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.notify(self.theme)

    def action_picture(self) -> None:
        """Save the screen as SVG in the current folder."""
        self.notify(f"saved {self.save_screenshot(path=str(Path.cwd()))}", markup=False)

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.push_screen(HelpScreen(self.screen, self.org))
