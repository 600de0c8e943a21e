"""What Terraform's plan says of a resource besides its arguments: its identity, why it goes, what of it is secret."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from twin.engine.plan import Change
from twin.report.terraform.equal import Block, Blocks, Text, table
from twin.resources.catalogue import catalogue
from twin.resources.reference import Reference, references, resolve
from twin.resources.resource import Immutable, Sensitive

IDENTITY = ("id", "arn")
Json = dict[str, Any]


def identified(change: Change, found: list[Block]) -> list[Block]:
    """Give the blocks of what stands its id and ARN, and its parts what they refer to of it."""
    known = {"id": change.id, **change.outputs}
    for block in found:
        block.arguments = {name: _settled(value, change, known) for name, value in block.arguments.items()}
    if found:
        found[0].arguments |= {name: known[name] for name in IDENTITY if known.get(name) is not None}
    return found


def _settled(value: Any, change: Change, known: Mapping[str, Any]) -> Any:
    if isinstance(value, Blocks):
        return Blocks({name: _settled(v, change, known) for name, v in item.items()} for item in value)
    if isinstance(value, Text):
        return Text(_settled(value.value, change, known))
    return resolve(value, partial(_own, change, known))


def _own(change: Change, known: Mapping[str, Any], reference: Reference) -> Any:
    return known.get(reference.attribute) if reference.address == change.address else None


def with_all_tags(values: Json) -> Json:
    """Return known values with the tags that the provider's own defaults would add to: it has none."""
    return {**values, "tags_all": values["tags"]} if isinstance(values.get("tags"), dict) else values


def unborn(change: Change, block: Block, values: Json) -> Json:
    """Return what only apply will tell of a block's identity."""
    own = block.type == table()[change.address.type].type
    names = IDENTITY if own and "arn" in catalogue()[change.address.type].OUTPUTS else IDENTITY[:1]
    return {name: True for name in names if name not in values}


def reason(change: Change, actions: list[str], *, configured: bool) -> Json:
    """Say why an object goes: it cannot be changed in place, or nothing wants it; nothing where all is removed."""
    if len(actions) == 2:
        return {"action_reason": "replace_because_cannot_update"}
    if actions == ["delete"] and not configured:
        return {"action_reason": "delete_because_no_resource_config"}
    return {}


def replace_paths(change: Change, block: Block, written: Mapping[str, Any]) -> list[list[str]]:
    """Return the arguments for which a block is replaced: its own, or by which a part refers to what is replaced."""
    row = table()[change.address.type]
    if block.type != row.type:
        return [[name] for name, value in sorted(written.items()) if _refers(value, change)]
    fixed = catalogue()[change.address.type].marked(Immutable)
    names = {row.fields.get(d.field) or row.json.get(d.field) for d in change.differences if d.field in fixed}
    return [[name] for name in sorted(filter(None, names))]


def _refers(value: Any, change: Change) -> bool:
    plain = value.value if isinstance(value, Text) else value
    return any(one.address == change.address for one in references(plain))


def masks(change: Change, block: Block) -> Json:
    """Return which arguments of a block are secret; their values stand in no plan."""
    row = table()[change.address.type]
    secret = catalogue()[change.address.type].marked(Sensitive) if block.type == row.type else ()
    return {row.secrets[name]: True for name in sorted(secret) if name in row.secrets and change.fields.get(name)}


def relevant(configured: Iterable[Json]) -> list[Json]:
    """Return every attribute to which the configuration refers."""
    named = sorted({name for one in configured for name in _named(one["expressions"])})
    parts = (name.split(".", 2) for name in named)
    return [{"resource": f"{type_}.{name}", "attribute": [rest[0]]} for type_, name, *rest in parts if rest]


def _named(expressions: Mapping[str, Any]) -> Iterable[str]:
    for value in expressions.values():
        if isinstance(value, list):
            for item in value:
                yield from _named(item)
        else:
            yield from value.get("references", ())
