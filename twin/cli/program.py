"""The program behind the command line: one file per command, found by being there."""

import errno
import gc
import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from twin import __version__
from twin.cli import interrupts
from twin.cli.console import say
from twin.cli.discovered import Discovered
from twin.errors import Interrupted, SpecError, TwinError, UsageError

BUG = 70
PACKAGE = Path(__file__).absolute().parents[1]
UNUSABLE = {
    errno.EACCES, errno.EDQUOT, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOENT, errno.ENOSPC,
    errno.ENOTDIR, errno.EPERM, errno.EROFS,
}  # fmt: skip
FULL = {errno.ENOSPC, errno.EDQUOT}
COLLECTED = (400_000, 20, 20)
"""How much must be new before garbage is looked for: objects, then how often in each generation of them."""


class Commands(Discovered):
    """The commands of twin."""

    package = "twin.cli.commands"

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant, imported; what it does is unwound when it is interrupted."""
        found = super().resolve_command(ctx, args)
        interrupts.unwind()
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out the command that is meant; click would write an empty line when it is interrupted."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort from None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="twin")
def cli() -> None:
    """The rehearsal room for a whole organisation: plan, apply, break and mend it on a twin first.

    `twin demo` shows what that is, `twin init` begins an org of your own.

    Exit codes: 0 done and every check held · 1 worked, and the answer is no · 2 usage or spec error, nothing touched ·
    3 a target could not be reached or refused · 4 a live guard refused · 70 a bug of ours · 130 interrupted ·
    141 the reader of a pipe went away.
    """


def begin() -> None:
    """Set this process up for one command."""
    # Most of what a command makes lives until it ends: looking through it over and over takes a third of its start.
    gc.set_threshold(*COLLECTED)
    # Nobody else's plugins have a say in our models; pydantic would read what is told of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no bug


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; nothing that a user did wrong ends in a traceback."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away (`twin plan | head`); what was asked of us is done. Python would complain at exit.
        _give_up_writing()
        return 128 + signal.SIGPIPE
    except OSError as error:
        if error.errno not in FULL:
            raise
        _give_up_writing()
        with suppress(OSError):  # where there is no room for this either
            say(f"error: there is no room for what is to be written: {error.strerror}", style="bold red")
        return UsageError.exit_code
    return code


def _give_up_writing() -> None:
    """Give what is still to be written to nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result: Any = cli.main(args=arguments, prog_name="twin", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        say(interrupts.told())
        return Interrupted.exit_code
    except SpecError as error:
        from twin.cli.console import err
        from twin.report.diagnostics import show

        show(error.diagnostics, err)
        return error.exit_code
    except TwinError as error:
        say(f"error: {error}", style="bold red")
        return error.exit_code
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None and error.errno in FULL:
            raise
        if not _is_of_the_machine(error):
            return _bug()
        say(f"error: {error.filename}: {error.strerror}", style="bold red")
        return UsageError.exit_code
    except Exception:
        return _bug()
    return result if isinstance(result, int) else 0


def _is_of_the_machine(error: OSError) -> bool:
    """Tell whether a file or folder of the user's cannot be used as it was named; one of our own is our fault."""
    if error.filename is None or error.errno not in UNUSABLE:
        return False
    return not Path(os.fsdecode(error.filename)).absolute().is_relative_to(PACKAGE)


def _bug() -> int:
    """Keep the traceback in a file and say where."""
    with tempfile.NamedTemporaryFile("w", prefix="twin-bug-", suffix=".txt", delete=False) as report:
        report.write(f"twin {__version__}, Python {sys.version}\narguments: {len(sys.argv) - 1}\n\n")
        traceback.print_exc(file=report)
    say(f"error: this is a bug of twin, not of yours. Its traceback is in {Path(report.name)}", style="bold red")
    return BUG
