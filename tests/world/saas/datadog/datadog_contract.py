"""Checks replies against Datadog's own OpenAPI documents, and knows which operations were covered."""

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from openapi_schema_validator import OAS30ReadValidator

from twin.world.saas.datadog.state import ROUTER

SHARED = Path(os.environ.get("TWIN_SHARED", Path(__file__).parents[4] / "../shared"))
DOCUMENTS = ("datadog-v1", "datadog-v2")
covered: set[str] = set()


def absent():
    """Return why nothing can be held against the documents; empty where they are there."""
    missing = [name for name in DOCUMENTS if not (SHARED / "contracts" / f"{name}.json").exists()]
    return f"the vendor contracts {missing} are absent in {SHARED}; set TWIN_SHARED" if missing else ""


@cache
def document(name):
    """Return one of the vendor's documents, loaded once."""
    return json.loads((SHARED / "contracts" / f"{name}.json").read_text())


@cache
def operations():
    """Return (operation, pattern, document) of every operation, fixed paths before those with variables."""
    found = []
    for name in DOCUMENTS:
        for path, item in document(name)["paths"].items():
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
            found += [(f"{verb.upper()} {path}", pattern, name) for verb in item if verb != "parameters"]
    return sorted(found, key=lambda row: row[0].count("{"))


def served():
    """Return the documented operations that the server answers."""
    shapes = {re.sub(r"<\w+>", "{}", rule) for rule in ROUTER.endpoints}
    return {name for name, _, _ in operations() if re.sub(r"\{\w+\}", "{}", name) in shapes}


def check(request, response):
    """Assert that a reply conforms; for a path that is in no document nothing is said."""
    if absent():
        return
    path, method = urlsplit(request.url).path, request.method
    found = next((one for one in operations() if one[0].startswith(f"{method} ") and one[1].fullmatch(path)), None)
    if found is None:
        return
    name, _, where = found
    raw = document(where)
    declared = raw["paths"][name.split(" ")[1]][method.lower()]["responses"]
    told = declared.get(str(response.status))
    assert told is not None, f"{name} does not answer {response.status}"
    covered.add(name)
    if "$ref" in told:
        told = raw["components"]["responses"][told["$ref"].split("/")[-1]]
    content = told.get("content")
    if not content:
        assert response.body == b"", f"{name} {response.status} has no body in the contract"
        return
    schema = next(iter(content.values()))["schema"]
    judge = OAS30ReadValidator({**schema, "components": raw["components"]})
    wrong = list(judge.iter_errors(json.loads(response.body)))
    assert not wrong, f"{name} {response.status}: " + "\n".join(
        f"{one.json_path}: {one.message[:300]}" for one in wrong
    )
