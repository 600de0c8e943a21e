"""`twin init`: a small org, a scenario on it and its runbook, to begin with."""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import click
from pydantic_core import PydanticCustomError

from twin.cli.console import data, out
from twin.errors import UsageError
from twin.spec.model import values
from twin.spec.model.region import zones
from twin.spec.suggest import suggestion

STARTER = Path(str(files("twin.cli"))) / "starter"
SPEC = "org.yaml"
ACCOUNT = values.pattern("TW0213", "[0-9]{12}", "an AWS account id", "123456789012").parse
NEXT = """
What to try next{where}:
  twin check org.yaml                            is it right? every problem with its line
  twin plan org.yaml                             what it would make, and by which line
  twin run scenarios/undelete.yaml --variants    does the runbook hold, and does it notice mistakes?
  twin up org.yaml                               a twin of it that stays, for the AWS CLI and Terraform
  twin tui org.yaml                              look around
  twin explain spec                              what else a spec may say; `twin explain scenario` of a scenario"""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--name", default="acme", show_default=True, help="The org's short name, which begins all names.")
@click.option("--domain", help="Its domain; NAME.example without it.")
@click.option("--account", default="123456789012", show_default=True, help="Its AWS account.")
@click.option("--region", default="us-east-1", show_default=True, help="Its AWS Region.")
@click.option("--json", "as_json", is_flag=True, help="Print the files as JSON.")
def command(folder: Path, name: str, domain: str | None, account: str, region: str, *, as_json: bool) -> int:
    """Write the spec of a small org to begin with, a scenario on it, and its runbook, into FOLDER (here without it).

    Nothing that exists is written over.
    """
    name = _read("--name", name, values.name)
    given = {
        "acme.example": _read("--domain", domain or f"{name}.example", values.domain),
        "acme": name,
        "123456789012": _read("--account", account, ACCOUNT),
        "us-east-1": region,
    }
    if region not in zones():
        raise UsageError(f"--region {region}: there is no such Region; {suggestion(region, zones())}")
    texts = {file: file.read_text(encoding="utf-8") for file in sorted(STARTER.rglob("*.*")) if file.is_file()}
    written = {folder / file.relative_to(STARTER): text for file, text in texts.items()}
    if there := [str(file) for file in written if file.exists()]:
        raise UsageError(f"{', '.join(there)} is there already; name another folder: twin init FOLDER")
    for file, text in written.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_filled(text, given) if file.name == SPEC else text, encoding="utf-8")
    if as_json:
        data({"schema": 1, "files": [str(file) for file in written]})
        return 0
    for file in written:
        out.print(f"wrote {file}")
    out.print(NEXT.format(where="" if folder == Path() else f" (cd {folder})"))
    return 0


def _filled(text: str, given: dict[str, str]) -> str:
    """Put what was given in the places of the starter's own words, all at once: what is given may hold such a word."""
    longest = sorted(given, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest)), lambda found: given[found[0]], text)


def _read(option: str, text: str, read: Callable[[str], str]) -> str:
    try:
        return read(text)
    except PydanticCustomError as wrong:
        told = wrong.context or {}
        raise UsageError(f"{option}: {wrong.message()}" + (f"; {told['help']}" if told.get("help") else "")) from wrong
