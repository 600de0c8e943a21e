"""The console of rich's that draws where somebody sees it."""

from rich.console import Console


class Lines(Console):
    """A console that leaves a reader who went away to the command line, where rich would end with code 1."""

    def on_broken_pipe(self) -> None:
        """Raise again what writing met with."""
        raise BrokenPipeError
