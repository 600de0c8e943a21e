"""`twin destroy`: removes everything that a spec owns on the running twin, or on LocalStack."""

from pathlib import Path

import click

from twin.cli.about import About, about_options
from twin.cli.applying import Carried, carry_out
from twin.cli.console import show
from twin.cli.session import open_session, workspace
from twin.cli.states import wait_option
from twin.errors import UsageError


@click.command("destroy")
@click.argument("spec", required=False, type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@click.option("--target", type=click.Choice(("twin", "localstack")), default="twin", show_default=True)
@about_options
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print what became of each removal as JSON.")
def command(
    spec: Path | None, environment: str | None, target: str, *, wait: float, about: About, as_json: bool
) -> int:
    """Remove everything that the spec owns; without SPEC, that of `twin up`.

    Live accounts: save the plan with `twin plan --live --destroy -o FILE` and apply it with --allow-delete.
    """
    from twin.report.plan import lines

    if spec is None:
        served = workspace().served()
        if served is None or served.spec is None:
            raise UsageError("name the spec: no twin that was started with one is running here")
        spec, environment = Path(served.spec), environment or served.environment
    session = open_session(spec, environment, target, needs_running=True, patience=wait)
    with session.store.held({}):
        plan = session.plan(destroy=True, about=about)
        if not as_json:
            for line in lines(plan):
                show(line)
        carried = carry_out(plan, session.target, session.store) if plan.pending else Carried(plan)
    return carried.told(as_json=as_json)
