"""What starting the command line imports, counted by modules: a time would tell of the machine."""

import subprocess
import sys

import click
import pytest

from twin.cli.commands.decide import command as decide
from twin.cli.program import cli


@pytest.mark.parametrize("group", [cli, decide], ids=["twin", "decide"])
def test_the_list_of_commands_says_what_each_command_says(group):
    """The list is read from the files; it is the one that click writes of the imported commands."""
    ctx = click.Context(group, max_content_width=110)
    ours, theirs = ctx.make_formatter(), ctx.make_formatter()
    group.format_commands(ctx, ours)
    click.Group.format_commands(group, ctx, theirs)
    assert ours.getvalue() == theirs.getvalue()
    assert len(ours.getvalue().splitlines()) > 5


def test_help_imports_no_command():
    """`twin --help` costs as much as click and our console."""
    code = (
        "import sys\nfrom twin.cli.program import cli\ncli.main(['--help'], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = done.stderr.split()
    assert "Commands:" in done.stdout
    assert [name for name in ("pydantic", "botocore", "yaml", "moto", "twin.cli.session") if name in modules] == []
    assert [name for name in modules if name.startswith("twin.cli.commands.")] == []
