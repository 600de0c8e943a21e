"""The JSON Schema of a spec file, for editors."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from twin.spec.described import meanings
from twin.spec.model import Org
from twin.spec.model.section import Section
from twin.spec.model.values import SECONDS, Size
from twin.spec.overlay import DEFAULT, ENVIRONMENTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PATCH = "Patch"
DEFINITIONS = "#/$defs/"


def written(value: Any) -> Any:
    """Return a default as a user would write it."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        unit = next(unit for unit in ("d", "h", "m", "s") if seconds % SECONDS[unit] == 0)
        return f"{seconds // SECONDS[unit]}{unit}"
    if isinstance(value, Size):
        return str(value)
    return float(value) if isinstance(value, Decimal) else value


class Generator(GenerateJsonSchema):
    """Writes defaults in the forms of the spec, and what each field means."""

    schema_dialect = DIALECT

    def encode_default(self, dft: Any) -> Any:
        """Return the default as a user would write it."""
        return None if isinstance(dft, Section) else super().encode_default(written(dft))

    def default_schema(self, schema: Any) -> dict[str, Any]:
        """Leave out defaults that are whole sections: the section's own fields say theirs."""
        described = super().default_schema(schema)
        if isinstance(schema.get("default"), Section):
            described.pop("default")
        return described

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """Return a section with the meaning of its fields."""
        described = super().model_schema(schema)
        if issubclass(schema["cls"], Section):
            properties = described.get("properties", {})
            for name, meaning in meanings(schema["cls"]).items():
                if name in properties:
                    properties[name]["description"] = meaning
        return described


def schema() -> dict[str, Any]:
    """Return the JSON Schema 2020-12 of a spec file, with its environments.

    A base with environments may leave to them what it lacks, so only a spec without any must be whole by itself.
    """
    whole = without_title(Org.model_json_schema(schema_generator=Generator))
    sections = whole.pop("$defs")
    base = patch(whole)
    outer = {
        DEFAULT: {"type": "string", "description": "The environment that is meant when none is named."},
        ENVIRONMENTS: {
            "type": "object",
            "description": "What differs per environment, merged onto the rest: null removes, lists are replaced.",
            "additionalProperties": removable({"$ref": f"{DEFINITIONS}Org{PATCH}"}),
        },
    }
    definitions = {
        "Org": whole,
        f"Org{PATCH}": base,
        "OrgBase": {**base, "properties": base["properties"] | outer, "required": ["version"]},
        **sections,
        **{f"{name}{PATCH}": patch(entry) for name, entry in sections.items()},
    }
    return {
        "$schema": DIALECT,
        "title": "A twin spec",
        "if": {"required": [ENVIRONMENTS]},
        "then": {"$ref": f"{DEFINITIONS}OrgBase"},
        "else": {"$ref": f"{DEFINITIONS}Org"},
        "$defs": dict(sorted(definitions.items())),
    }


def without_title(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without its generated title."""
    return {key: value for key, value in entry.items() if key != "title"}


def patch(entry: Any) -> Any:
    """Return the schema of a patch to what `entry` describes: nothing is required and null removes."""
    if isinstance(entry, list):
        return [patch(item) for item in entry]
    if not isinstance(entry, dict):
        return entry
    dropped = ("required", "default", "minProperties")
    # A list replaces a list, so its items are whole.
    changed = {key: v if key == "items" else patch(v) for key, v in entry.items() if key not in dropped}
    if "$ref" in entry:
        changed["$ref"] = f"{entry['$ref']}{PATCH}"
    if "properties" in entry:
        changed["properties"] = {name: removable(patch(field)) for name, field in entry["properties"].items()}
    if isinstance(entry.get("additionalProperties"), dict):
        changed["additionalProperties"] = removable(patch(entry["additionalProperties"]))
    return changed


def removable(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that also takes null."""
    return {"anyOf": [entry, {"type": "null"}]}
