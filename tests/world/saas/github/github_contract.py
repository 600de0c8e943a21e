"""Checks exchanges against GitHub's own OpenAPI document, and knows which operations were covered."""

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from twin.world.saas.github.routes import ROUTER

SHARED = Path(os.environ.get("TWIN_SHARED", Path(__file__).parents[4] / "../shared"))
METHODS = ("get", "post", "put", "patch", "delete")
covered: set[str] = set()
PATH = SHARED / "contracts" / "github-actions-subset.json"


def absent():
    """Return why nothing can be held against the document; empty where it is there."""
    return "" if PATH.exists() else f"the vendor contracts are absent: {PATH}; set TWIN_SHARED"


@cache
def document():
    """Return the document, in which `nullable` is written as JSON Schema writes it."""
    if absent():
        pytest.skip(absent())
    raw = json.loads(PATH.read_text())
    _null(raw["components"]["schemas"])
    for item in raw["paths"].values():
        _null(item)
    return raw


def _null(value):
    if isinstance(value, list):
        for one in value:
            _null(one)
    elif isinstance(value, dict):
        for one in value.values():
            _null(one)
        if value.pop("nullable", False):
            if isinstance(value.get("type"), str):
                value["type"] = [value["type"], "null"]
            if "enum" in value:
                value["enum"] = [*value["enum"], None]


@cache
def operations():
    """Return (operation, pattern) of every operation, fixed paths before those with variables."""
    found = []
    for path, item in document()["paths"].items():
        pattern = re.compile(re.sub(r"\{(\w+)\}", lambda name: ".+" if name[1] in LONG else "[^/]+", path))
        found += [(f"{verb.upper()} {path}", pattern) for verb in item if verb in METHODS]
    return sorted(found, key=lambda row: (row[0].count("{"), -len(row[0])))


LONG = ("path", "ref", "branch")


@cache
def validator(operation, status):
    """Return the validator of a reply, or None where the contract shows none."""
    verb, path = operation.split(" ")
    declared = document()["paths"][path][verb.lower()]["responses"]
    assert status in declared, f"{operation} does not answer {status}"
    told = declared[status]
    if "$ref" in told:
        told = document()["components"]["responses"][told["$ref"].rpartition("/")[2]]
    schema = told.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    return jsonschema.Draft4Validator({**schema, "components": document()["components"]})


def check(request, response):
    """Assert that a reply conforms; refusals have to carry the vendor's error shape."""
    path = urlsplit(request.url).path
    if response.status >= 400:
        assert {"message", "documentation_url", "status"} <= set(json.loads(response.body))
        return
    found = [one for one, pattern in operations() if one.startswith(f"{request.method} ") and pattern.fullmatch(path)]
    if not found:
        return
    covered.add(found[0])
    if response.status == 302:
        return
    held = validator(found[0], str(response.status))
    if held is None:
        assert response.body in (b"", b"{}"), f"{found[0]} {response.status} has no body in the contract"
        return
    wrong = next(iter(held.iter_errors(json.loads(response.body))), None)
    assert wrong is None, f"{found[0]} {response.status}: {wrong.json_path}: {wrong.message[:300]}"


def served():
    """Return the documented operations that the server has an endpoint for."""
    bound = {_shape(rule) for rule in ROUTER.endpoints}
    return {name for name, _ in operations() if _shape(name) in bound}


def _shape(operation):
    return re.sub(r"\{\w+\}|<[\w:]+>", "*", operation)
