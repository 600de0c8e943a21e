"""Writes a plan as `terraform show -json` does: what is planned, what changes, what was written with its references.

The format is Terraform's own: https://developer.hashicorp.com/terraform/internals/json-format (read: assumed).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.report.terraform.equal import PROVIDERS, Block, Blocks, Text, blocks, table
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import Reference, references, whole
from twin.resources.resource import Sensitive

FORMAT, TERRAFORM = "1.2", "1.11.4"
ACTIONS = {"create": ["create"], "update": ["update"], "delete": ["delete"], "no-op": ["no-op"]}
Json = dict[str, Any]


@dataclass
class Written:
    """A plan in Terraform's form, and how many changes of which types have no equal there."""

    document: Json
    left_out: dict[str, int] = field(default_factory=dict)


def document(plan: Plan, desired: Desired) -> Written:
    """Write a plan and the wishes from which it was made."""
    found = Written({}, {})
    changes: list[Json] = []
    planned: list[Json] = []
    configured: list[Json] = []
    for change in plan.changes:
        if change.address.type not in table():
            found.left_out[change.address.type] = found.left_out.get(change.address.type, 0) + 1
            continue
        pairs = _pairs(plan, change)
        if pairs and pairs[0][1] is not None:
            pairs[0][1].arguments.update(_inherited(desired[change.address], desired))
        for pair in pairs:
            changes.append(_change(change, *pair))
            if pair[1] is not None:
                planned.append(_planned(pair[1]))
        if change.action != "delete":
            written = desired[change.address].values
            configured += [_configured(block) for block in _blocks(plan, change.address, written)]
    found.document = {
        "format_version": FORMAT,
        "terraform_version": TERRAFORM,
        "planned_values": {"root_module": {"resources": _sorted(planned)}},
        "resource_changes": _sorted(changes),
        "configuration": {
            "provider_config": _providers(plan, {one["provider_config_key"] for one in configured}),
            "root_module": {"resources": _sorted(configured)},
        },
        "applyable": bool(plan.pending),
        "complete": not found.left_out,
        "errored": False,
    }
    return found


def _sorted(items: Iterable[Json]) -> list[Json]:
    return sorted(items, key=lambda item: str(item["address"]))


def _providers(plan: Plan, used: set[str]) -> Json:
    region = {"expressions": {"region": {"constant_value": plan.scope.region}}}
    return {
        name: {"name": name, "full_name": PROVIDERS[name], **(region if name == "aws" else {})} for name in sorted(used)
    }


def _blocks(plan: Plan, address: Address, values: Mapping[str, Any], *, parts: bool = True) -> list[Block]:
    """Return the blocks of a resource with these values; its secrets stay out."""
    secret = catalogue()[address.type].marked(Sensitive)
    plain = {name: value for name, value in values.items() if name not in secret and value is not None}
    found = blocks(address, plain, plan.scope.tags(address, plain.get("tags") or {}), parts=parts)
    for block in found:
        if block.type == "cloudflare_zone":  # whose account no field of ours says, as it is the org's
            block.arguments["account"] = {"id": plan.scope.cloudflare_account}
    return found


def _inherited(declaration: Declaration, desired: Desired) -> Json:
    """Return the arguments that a resource has from one to which it refers, such as a replica's encryption."""
    found = {}
    for name, through in table()[declaration.address.type].inherits.items():
        reference = whole(declaration.values.get(through))
        if reference is not None and reference.address in desired:
            found[name] = desired[reference.address].values.get(name)
    return found


def _pairs(plan: Plan, change: Change) -> list[tuple[Block | None, Block | None]]:
    """Return each block as it stands and as it will, None where there is none."""
    before: list[Block] = []
    after: list[Block] = []
    if change.id is not None:
        seen = {**change.fields, **change.observed}
        before = _blocks(plan, change.address, seen, parts=bool(change.fields))
    if change.action != "delete":
        after = _blocks(plan, change.address, change.fields)
    old, new = ({block.address: block for block in some} for some in (before, after))
    return [(old.get(address), new.get(address)) for address in dict.fromkeys((*old, *new))]


def _change(change: Change, before: Block | None, after: Block | None) -> Json:
    block = after or before
    assert block is not None
    values, open_ = _known(after.arguments) if after else (None, {})
    seen = _known(before.arguments)[0] if before else None
    if change.action == "replace":
        actions = ["create", "delete"] if change.create_first else ["delete", "create"]
    elif change.action in ("create", "delete", "no-op"):
        actions = ACTIONS[change.action]
    else:
        actions = ["create"] if before is None else ["delete"] if after is None else ["update"]
    told = {
        "actions": actions,
        "before": seen,
        "after": values,
        "after_unknown": open_ if change.action in ("no-op", "delete") else {**open_, **_unborn(change)},
        "before_sensitive": False if seen is None else {},
        "after_sensitive": False if values is None else {},
    }
    return {**_named(block), "change": told}


def _unborn(change: Change) -> Json:
    return {"id": True} if change.action in ("create", "replace") else {}


def _named(block: Block) -> Json:
    vendor = block.type.partition("_")[0]
    return {
        "address": block.address,
        "mode": "managed",
        "type": block.type,
        "name": block.name,
        "provider_name": PROVIDERS[vendor],
    }


def _planned(block: Block) -> Json:
    values, _ = _known(block.arguments)
    return {**_named(block), "schema_version": 0, "values": values, "sensitive_values": {}}


def _configured(block: Block) -> Json:
    named = _named(block)
    key = named.pop("provider_name").rpartition("/")[2]
    return {**named, "provider_config_key": key, "expressions": _expressions(block.arguments), "schema_version": 0}


def _known(arguments: Mapping[str, Any]) -> tuple[Json, Json]:
    """Part arguments into what is known and, in Terraform's form, what only apply will tell."""
    values: Json = {}
    open_: Json = {}
    for name, value in arguments.items():
        if isinstance(value, Blocks):
            parts = [_known(item) for item in value]
            values[name] = [part[0] for part in parts]
            if any(part[1] for part in parts):
                open_[name] = [part[1] for part in parts]
        elif any(True for _ in references(value.value if isinstance(value, Text) else value)):
            open_[name] = True
        else:
            values[name] = json.dumps(value.value, separators=(",", ":")) if isinstance(value, Text) else value
    return values, open_


def _expressions(arguments: Mapping[str, Any]) -> Json:
    return {name: _expression(value) for name, value in arguments.items()}


def _expression(value: Any) -> Any:
    if isinstance(value, Blocks):
        return [_expressions(item) for item in value]
    plain = value.value if isinstance(value, Text) else value
    found = list(references(plain))
    if found:
        named = list(dict.fromkeys(name for reference in found for name in _names(reference)))
        return {"references": named} if named else {}
    return {"constant_value": json.dumps(plain, separators=(",", ":")) if isinstance(value, Text) else plain}


def _names(reference: Reference) -> list[str]:
    """Return how Terraform lists a reference: the attribute, then the resource; none for what has no equal there."""
    row = table().get(reference.address.type)
    if row is None:
        return []
    attribute = reference.attribute
    attribute = row.outputs.get(attribute) or row.fields.get(attribute) or row.json.get(attribute) or attribute
    address = f"{row.type}.{reference.address.name}"
    return [f"{address}.{attribute}", address]
