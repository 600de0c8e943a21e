"""`twin types`: the catalogue of resource types, and the fields of one."""

import inspect

import click
from pydantic.fields import FieldInfo

from twin.cli.console import data, out
from twin.errors import UsageError
from twin.report.form import Form, lines
from twin.resources.catalogue import catalogue
from twin.resources.resource import Immutable, RefTo, Resource, Sensitive, WriteOnly
from twin.spec.suggest import nearest_type

NOTES = {Immutable: "replaces", Sensitive: "secret", WriteOnly: "never read back"}


def describe(class_: type[Resource]) -> list[dict[str, object]]:
    """Return the fields of a type: name, type, whether required, notes, meaning."""
    found: list[dict[str, object]] = []
    for name, field in class_.model_fields.items():
        kind = getattr(field.annotation, "__name__", None) or str(field.annotation)
        found.append(
            {
                "field": name,
                "type": kind if "[" not in str(field.annotation) else str(field.annotation).replace("typing.", ""),
                "required": field.is_required(),
                "notes": notes_of(field),
                "description": field.description or "",
            }
        )
    return found


def notes_of(field: FieldInfo) -> list[str]:
    """Return what else there is to know of a field."""
    notes = [NOTES[type(m)] for m in field.metadata if type(m) in NOTES]
    return notes + [f"refers to {' or '.join(m.types)}" for m in field.metadata if isinstance(m, RefTo)]


@click.command("types")
@click.argument("type_", metavar="[TYPE]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(type_: str | None, *, as_json: bool) -> int:
    """List the resource types, or show what one of them holds (for the raw `resources:` section)."""
    types = catalogue()
    if type_ is None:
        summaries = {name: (class_.__doc__ or "").strip().splitlines()[0] for name, class_ in types.items()}
        if as_json:
            data({"schema": 1, "types": summaries})
        else:
            for name, summary in summaries.items():
                out.print(f"{name:36}  {summary}")
        return 0
    if type_ not in types:
        near = nearest_type(type_, types)
        raise UsageError(f"there is no type {type_}" + (f"; did you mean {near}?" if near else ""))
    class_ = types[type_]
    if as_json:
        fields = describe(class_)
        data({"schema": 1, "type": type_, "key": class_.KEY, "outputs": class_.OUTPUTS, "fields": fields})
        return 0
    out.print(f"{type_}: {inspect.cleandoc(class_.__doc__ or '')}\n")
    form = Form.of(class_.model_json_schema())
    for line in lines(form, {name: notes_of(field) for name, field in class_.model_fields.items()}):
        out.print(line)
    deeper = next((key.name for key in form.parts if key.keys), None)
    if deeper is not None:
        out.print(f"\n`twin explain {type_}.{deeper}` goes on from there")
    out.print(f"\noutputs: {', '.join(class_.OUTPUTS)}")
    return 0
