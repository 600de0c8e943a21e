"""Writes a plan as `terraform show -json` does: what is planned, what changes, what was written with its references.

The format is Terraform's own: https://developer.hashicorp.com/terraform/internals/json-format (read: assumed).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.engine.state import State
from twin.report.terraform.drifted import drifted
from twin.report.terraform.equal import PROVIDERS, Block, Blocks, Text, blocks, table
from twin.report.terraform.standing import (
    identified,
    masks,
    reason,
    relevant,
    replace_paths,
    unborn,
    with_all_tags,
)  # fmt: skip
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import Reference, references, whole
from twin.resources.resource import Sensitive

FORMAT, TERRAFORM = "1.2", "1.11.4"
Json = dict[str, Any]


@dataclass
class Written:
    """A plan in Terraform's form, and how many changes of which types have no equal there."""

    document: Json
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass
class _Parts:
    """What of a plan goes where in the document."""

    changes: list[Json] = field(default_factory=list)
    planned: list[Json] = field(default_factory=list)
    standing: list[Json] = field(default_factory=list)
    configured: list[Json] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def document(plan: Plan, desired: Desired, *, at: datetime | None = None, state: State | None = None) -> Written:
    """Write a plan and the wishes from which it was made; `at` is the instant of which it says that it was made.

    `state` tells how things were applied last, and so what was changed since by somebody else.
    """
    parts = _parts(plan, desired)
    drift = _drift(plan, state) if state is not None else []
    used = {one["provider_name"].rpartition("/")[2] for one in parts.changes}
    named = relevant(parts.configured)
    told = {
        "format_version": FORMAT,
        "terraform_version": TERRAFORM,
        "planned_values": {"root_module": {"resources": _sorted(parts.planned)}},
        **({"resource_drift": drift} if drift else {}),
        "resource_changes": _sorted(parts.changes),
        **({"prior_state": _state(parts.standing)} if parts.standing else {}),
        "configuration": {
            "provider_config": _providers(plan, used),
            "root_module": {"resources": _sorted(parts.configured)},
        },
        **({"relevant_attributes": named} if named else {}),
        **({"timestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if at is not None else {}),
        "applyable": bool(plan.pending),
        "complete": not parts.left_out,
        "errored": False,
    }
    return Written(told, parts.left_out)


def _parts(plan: Plan, desired: Desired) -> _Parts:
    parts = _Parts()
    for change in plan.changes:
        if change.address.type not in table():
            parts.left_out[change.address.type] = parts.left_out.get(change.address.type, 0) + 1
            continue
        wanted = change.address in desired and not change.surplus
        written = _blocks(plan, change.address, desired[change.address].values) if wanted else []
        parts.configured += [_configured(block) for block in written]
        pairs = _pairs(plan, change)
        if pairs and pairs[0][1] is not None:
            pairs[0][1].arguments.update(_inherited(desired[change.address], desired))
        for before, after in pairs:
            parts.changes.append(_change(change, before, after, written))
            parts.standing += [_planned(change, before)] if before is not None else []
            parts.planned += [_planned(change, after)] if after is not None else []
    return parts


def _drift(plan: Plan, state: State) -> list[Json]:
    """Return what was changed or removed by somebody else, as changes from how it was applied to how it is."""
    found = []
    for change, applied, seen in drifted(plan, state):
        if change.address.type not in table():
            continue
        old = {one.address: one for one in identified(change, _blocks(plan, change.address, applied))}
        new = {one.address: one for one in identified(change, _blocks(plan, change.address, seen or {}))}
        for address, before in old.items():
            after = new.get(address) if seen is not None else None
            if after is None or _told(before) != _told(after):
                told = _change(replace(change, action="update"), before, after, ())
                found.append({name: value for name, value in told.items() if name != "action_reason"})
    return _sorted(found)


def _state(standing: Iterable[Json]) -> Json:
    resources = {"root_module": {"resources": _sorted(standing)}}
    return {"format_version": "1.0", "terraform_version": TERRAFORM, "values": resources}


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
        if change.action != "replace" and change.id is not None:
            after = identified(change, after)
    old, new = ({block.address: block for block in some} for some in (identified(change, before), after))
    return [(old.get(address), new.get(address)) for address in dict.fromkeys((*old, *new))]


def _change(change: Change, before: Block | None, after: Block | None, written: Iterable[Block]) -> Json:
    block = after or before
    assert block is not None
    values, open_ = _told(after) if after else (None, {})
    seen = _told(before)[0] if before else None
    actions = _actions(change, before, after)
    if values is not None and "create" in actions:
        open_ |= unborn(change, block, values)
    mask = masks(change, block)
    told: Json = {
        "actions": actions,
        "before": seen,
        "after": values,
        "after_unknown": open_,
        "before_sensitive": False if seen is None else mask,
        "after_sensitive": False if values is None else mask,
    }
    as_written = next((one.arguments for one in written if one.address == block.address), None)
    if len(actions) == 2 and as_written and (paths := replace_paths(change, block, as_written)):
        told["replace_paths"] = paths
    return {**_named(block), "change": told, **reason(change, actions, configured=as_written is not None)}


def _actions(change: Change, before: Block | None, after: Block | None) -> list[str]:
    if before is None:
        return ["create"]
    if after is None:
        return ["delete"]
    if change.action == "replace":
        return ["create", "delete"] if change.create_first else ["delete", "create"]
    return [change.action]


def _named(block: Block) -> Json:
    vendor = block.type.partition("_")[0]
    return {
        "address": block.address,
        "mode": "managed",
        "type": block.type,
        "name": block.name,
        "provider_name": PROVIDERS[vendor],
    }


def _planned(change: Change, block: Block) -> Json:
    values, _ = _told(block)
    return {**_named(block), "schema_version": 0, "values": values, "sensitive_values": masks(change, block)}


def _configured(block: Block) -> Json:
    named = _named(block)
    key = named.pop("provider_name").rpartition("/")[2]
    return {**named, "provider_config_key": key, "expressions": _expressions(block.arguments), "schema_version": 0}


def _told(block: Block) -> tuple[Json, Json]:
    """Return what is known of a block, and what is not yet."""
    values, open_ = _known(block.arguments)
    return (with_all_tags(values) if block.type.startswith("aws_") else values), open_


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
