"""A group of commands that are found by being there: one module of a package each, imported when it is used."""

import ast
import importlib
import importlib.abc
import importlib.util
import inspect
import pkgutil

import click

WHOLE = 1000
"""As long as no sentence is: click would cut what a command does to the end of its line."""


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
        command: click.Command = importlib.import_module(self._module(cmd_name)).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant; UsageError with the nearest name when there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as unknown:
            from twin.spec.suggest import nearest

            near = nearest(args[0], self.list_commands(ctx))
            if near is None or args[0] in self.list_commands(ctx):
                raise
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {near!r}?", unknown.ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands: what each does stands in its file, and nothing is imported for it."""
        rows = []
        for name in self.list_commands(ctx):
            said = self._said(name)
            command = self.get_command(ctx, name) if said is None else click.Command(name, help=inspect.cleandoc(said))
            if command is not None:
                rows.append((name, command.get_short_help_str(WHOLE)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _said(self, name: str) -> str | None:
        """Return the docstring of a command's function, None where it is made in another way."""
        found = importlib.util.find_spec(self._module(name))
        loader = found.loader if found else None
        source = loader.get_source(self._module(name)) if isinstance(loader, importlib.abc.InspectLoader) else None
        for node in ast.parse(source or "").body:
            if isinstance(node, ast.FunctionDef) and node.name == "command" and node.decorator_list:
                return ast.get_docstring(node, clean=False)
        return None

    def _module(self, name: str) -> str:
        return f"{self.package}.{name.replace('-', '_')}"
