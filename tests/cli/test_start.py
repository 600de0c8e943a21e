"""What starting the command line imports, counted by modules: a time would tell of the machine."""

import subprocess
import sys

import click
import pytest

from twin.cli.commands.decide import command as decide
from twin.cli.program import cli


@pytest.mark.parametrize("group", [cli, decide], ids=["twin", "decide"])
def test_the_list_of_commands_says_what_each_command_says(group):
    """The list is read from the files; it has the whole first sentence of each of the imported commands."""
    ctx = click.Context(group)
    formatter = click.HelpFormatter(width=1000)
    group.format_commands(ctx, formatter)
    _, *listed = formatter.getvalue().splitlines()
    commands = [(name, group.get_command(ctx, name)) for name in group.list_commands(ctx)]
    assert [line.split(maxsplit=1) for line in listed] == [[n, c.get_short_help_str(1000)] for n, c in commands]
    assert len(listed) > 5


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
