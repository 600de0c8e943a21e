"""`twin types`: the catalogue of resource types, and the fields of one."""

import click

from twin.cli.console import data, out
from twin.errors import UsageError
from twin.resources.catalogue import catalogue
from twin.resources.resource import Immutable, RefTo, Resource, Sensitive, WriteOnly
from twin.spec.suggest import nearest_type

NOTES = {Immutable: "replaces", Sensitive: "secret", WriteOnly: "never read back"}


def describe(class_: type[Resource]) -> list[dict[str, object]]:
    """Return the fields of a type: name, type, whether required, notes, meaning."""
    found: list[dict[str, object]] = []
    for name, field in class_.model_fields.items():
        notes = [NOTES[type(m)] for m in field.metadata if type(m) in NOTES]
        notes += [f"refers to {' or '.join(m.types)}" for m in field.metadata if isinstance(m, RefTo)]
        kind = getattr(field.annotation, "__name__", None) or str(field.annotation)
        found.append(
            {
                "field": name,
                "type": kind if "[" not in str(field.annotation) else str(field.annotation).replace("typing.", ""),
                "required": field.is_required(),
                "notes": notes,
                "description": field.description or "",
            }
        )
    return found


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
    fields = describe(class_)
    if as_json:
        data({"schema": 1, "type": type_, "key": class_.KEY, "outputs": class_.OUTPUTS, "fields": fields})
        return 0
    out.print(f"{type_}: {(class_.__doc__ or '').strip()}\n")
    for field in fields:
        notes = [*(["required"] if field["required"] else []), *field["notes"]]  # type: ignore[misc]
        out.print(f"  {field['field']}: {field['type']}" + (f"  ({', '.join(notes)})" if notes else ""))
        if field["description"]:
            out.print(f"      {field['description']}")
    out.print(f"\noutputs: {', '.join(class_.OUTPUTS)}")
    return 0
