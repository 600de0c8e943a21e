"""`twin tui`: the org and its plan in the terminal or a browser, and scenarios in time."""

import json
import os
import secrets
import shlex
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.console import say
from twin.cli.exploring import Surroundings
from twin.cli.heard import Heard
from twin.cli.options import target_options
from twin.cli.ports import PORT
from twin.cli.session import Session, open_session, workspace
from twin.errors import UsageError
from twin.spec.shipped import folder

if TYPE_CHECKING:
    from tui.catalogue import Item
    from tui.runs import Run
    from tui.safety import Place

PROGRAM = (sys.executable, "-c", "from twin.cli import main; main()")
BUNDLED = Path("specs/mini-org.yaml")


@click.command("tui")
@click.argument("spec", type=click.Path(path_type=Path), required=False)
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@target_options
@click.option("--adopt", is_flag=True, help="Take over objects that have a wanted name and no owner.")
@click.option("--all-types", is_flag=True, help="Read every type of the catalogue for leftovers.")
@click.option(
    "--run", "report", type=click.Path(path_type=Path),
    help="A run that `twin run --record FILE` or `--report json=FILE` kept; a recording needs no SPEC.",
)  # fmt: skip
@click.option("--read-only", is_flag=True, help="Begin nothing from here, not even on a twin.")
@click.option("--serve", is_flag=True, help="Show it in a browser instead, on 127.0.0.1 alone.")
@click.option("--port", type=PORT, default=0, show_default="a free one", help="With --serve: its port.")
def command(
    spec: Path | None, environment: str | None, target: str, report: Path | None, *, adopt: bool, all_types: bool,
    read_only: bool, serve: bool, port: int,
) -> int:  # fmt: skip
    """Explore what a spec describes, what is there, what `twin apply` would do, and scenarios in time.

    Without SPEC it shows the bundled org. It changes no target: scenarios run on twins of their own, and faults begin
    on the running twin alone. With --live nothing at all is begun.
    """
    if serve:
        return _serve(port)
    terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))  # Textual draws on stderr
    if "TEXTUAL_DRIVER" not in os.environ and not terminal:
        raise UsageError("twin tui needs a terminal; elsewhere use: twin plan, or twin tui --serve")
    keymap, runs = _keymap(), _runs(report)
    from tui.app import Explorer
    from tui.catalogue import read
    from tui.runner import Runner
    from tui.safety import Place

    def items() -> "list[Item]":
        files = [*folder("scenarios").glob("*.yaml"), *Path("scenarios").glob("*.yaml")]
        return read(sorted({file.name: file for file in files}.values()))

    kept = runs[0].recording if runs and spec is None else None
    if kept is not None:
        place = Place(f"the saved run {report}", read_only=True)
        Explorer(
            kept.plan(kept.end), references=kept.references, scenarios=items, runs=runs, place=place, keymap=keymap
        ).run()  # fmt: skip
        return 0
    say(f"reading {spec or BUNDLED} and the {'accounts' if target == 'live' else target} …")
    session = open_session(spec or BUNDLED, environment, target)
    plan = session.plan(adopt=adopt, every_type=all_types)
    place = _place(session, target, read_only=read_only)
    sources = Surroundings(session.compiled, target, pending=bool(plan.pending)).sources()
    heard = Heard() if place.served else None
    Explorer(
        plan, session.compiled.desired, scenarios=items, runner=Runner(PROGRAM), runs=runs, sources=sources,
        place=place, keymap=keymap,
        look=lambda: session.plan(adopt=adopt, every_type=all_types), pulse=heard,
        began=heard.began if heard is not None else None,
    ).run()  # fmt: skip
    return 0


def _place(session: Session, target: str, *, read_only: bool) -> "Place":
    """Say what is looked at."""
    from tui.safety import Place

    if target == "live":
        return Place(f"the real account {session.compiled.scope.account}", live=True)
    served = workspace().served()
    beside = ", LocalStack beside it" if target == "localstack" else ""
    words = f"the running twin{beside}" if served is not None else f"an empty twin{beside}"
    return Place(words, served=served is not None, read_only=read_only)


def _serve(port: int) -> int:
    """Show this command's screen in a browser until interrupted."""
    try:
        from tui.serving import HOST, Loopback
    except ModuleNotFoundError as missing:
        raise UsageError(f"twin tui --serve needs {missing.name}: pip install 'twin[web]'") from missing
    words = [word for word in sys.argv[1:] if word != "--serve"]
    with socket.socket() as free:
        try:
            free.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"the explorer cannot listen on {HOST}, port {port}: {error.strerror}") from error
        port = free.getsockname()[1]
    server = Loopback(shlex.join([*PROGRAM, *words]), port=port, key=secrets.token_urlsafe(16))
    say(f"the explorer is at {server.link}; ctrl+c ends it")
    server.serve()
    return 0


def _keymap() -> Mapping[str, str]:
    """Read the user's own keys, of this workspace or of all."""
    from tui.keymap import read_keymap

    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for file in (workspace().root / "keys.yaml", home / "twin" / "keys.yaml"):
        if file.exists():
            try:
                return read_keymap(file.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise UsageError(f"{file}: {error}") from error
    return {}


def _runs(file: Path | None) -> "list[Run]":
    """Read a recording, or the report that `twin run --report json=FILE` wrote."""
    from tui.runs import Run, read_runs
    from twin.scenario.recording.recording import read_recording

    if file is None:
        return []
    try:
        with file.open(encoding="utf-8") as lines:
            first = lines.readline()
            if first.startswith('{"recording"'):
                lines.seek(0)
                return [Run.of(read_recording(lines))]
            return read_runs(json.loads(first + lines.read()))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{file} is kept neither by `twin run --record FILE` nor by `--report json=FILE`: {error!r}"
        ) from error
