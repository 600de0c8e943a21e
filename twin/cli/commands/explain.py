"""`twin explain`: what a diagnostic's code means and what to do, and what a part of a spec or scenario takes."""

import re

import click

from twin.cli.console import data, out
from twin.codes import codes, explain
from twin.errors import UsageError

CODE = re.compile(r"TW\d*", re.IGNORECASE)
MISREAD = 1
"""In how many characters a code may differ from the one that was meant."""


@click.command("explain")
@click.argument("what", metavar="[CODE|KEY]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(what: str | None, *, as_json: bool) -> int:
    """Explain a code such as TW0104, or a key such as data.buckets; without either, list the codes.

    `spec` and `scenario` are the whole files; what an actor or a fault of a scenario is told stands under
    scenario.actors.KIND and scenario.faults.KIND.
    """
    if what is None:
        return _all(as_json=as_json)
    if not CODE.fullmatch(what):
        return _key(what, as_json=as_json)
    found = explain(what)
    if found is None:
        near = next((code for code in codes() if _differ(code, what.upper()) <= MISREAD), None)
        raise UsageError(f"{what} is no code; " + (f"did you mean {near}?" if near else "`twin explain` lists them"))
    if as_json:
        told = {"title": found.title, "text": found.text, "example": found.example, "source": found.source}
        data({"schema": 1, "code": what.upper(), **told})
        return 0
    out.print(f"{what.upper()}: {found.title}\n\n{found.text.strip()}")
    if found.example:
        out.print(f"\n{found.example.strip()}")
    if found.source:
        out.print(f"\nThe rule: {found.source}")
    return 0


def _all(*, as_json: bool) -> int:
    if as_json:
        data({"schema": 1, "codes": {name: entry.title for name, entry in codes().items()}})
    else:
        for name, entry in codes().items():
            out.print(f"{name}  {entry.title}")
    return 0


def _key(path: str, *, as_json: bool) -> int:
    from twin.cli.forms import find

    told = find(path)
    if as_json:
        keys = {
            key.name: {"written": key.written, "required": key.required, "default": key.default,
                       "meaning": key.meaning, "keys": list(key.keys)}
            for key in (told.form.many or told.form).parts
        }  # fmt: skip
        data({"schema": 1, "path": path, "written": told.form.written, "meaning": told.meaning, "keys": keys})
        return 0
    for line in told.text():
        out.print(line)
    return 0


def _differ(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else len(max(one, other))
