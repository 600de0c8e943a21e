"""`twin policies`: IAM policies for those who work on the org from outside of it."""

import json
from pathlib import Path

import click

from twin.cli.compiled import compile_file
from twin.cli.console import data, say
from twin.errors import UsageError


@click.group("policies")
def command() -> None:
    """Write IAM policies for those who work on the org from outside of it."""


@command.command("applier")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@click.option("-o", "--out", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write a file for each.")
def applier(spec: Path, environment: str | None, folder: Path | None) -> int:
    """Print the least that `twin` itself needs to plan, apply, change and remove the org of SPEC.

    The work is done twice on twins; what its calls ask for is what the policies grant.
    """
    from twin.promote.applier_course import ALWAYS, HEALTH, Work
    from twin.promote.applier_policy import MOST_POLICIES, policies

    compiled = compile_file(spec, environment)
    scope = compiled.scope
    waves = compiled.spec.org.delivery.promotion.waves
    say(f"applying and removing {compiled.spec.path.name} ({len(compiled.desired)} resources) on twins of its account")
    besides = (*ALWAYS, *(HEALTH if waves else ()))
    work = Work(compiled.desired, scope, compiled.secret, besides, compiled.spec.org.state.s3)
    found = {f"{scope.org}-{scope.environment}-applier-{n}": one for n, one in enumerate(policies(work), 1)}
    if len(found) > MOST_POLICIES:
        say(f"{len(found)} policies are more than the {MOST_POLICIES} that a role may have", style="yellow")
    if folder is None:
        data({"schema": 1, "account": scope.account, "policies": found})
        return 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, policy in found.items():
            (folder / f"{name}.json").write_text(json.dumps(policy, indent=1) + "\n")
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    say(f"wrote {len(found)} policies to {folder}: aws iam create-policy --policy-document file://…")
    return 0
