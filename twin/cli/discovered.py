"""A group of commands that are found by being there: one module of a package each, imported when it is used."""

import importlib
import pkgutil

import click


class Discovered(click.Group):
    """The modules of `package` that hold a `command`, by their names."""

    package: str

    def list_commands(self, ctx: click.Context | None) -> list[str]:
        """Return the names of all commands."""
        found = importlib.import_module(self.package)
        return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(found.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, None when there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{cmd_name.replace('-', '_')}").command
        return command
