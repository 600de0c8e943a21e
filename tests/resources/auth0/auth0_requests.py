"""Holds what the applier sends against Auth0's own OpenAPI document: paths, query parameters and bodies."""

import json
import re
from functools import cache
from urllib.parse import parse_qs, urlsplit

import jsonschema
from auth0_contract import CONTRACT
from vendor_contract import resolved

# The copy of the document at hand leaves out the operations on a single action.
LEFT_OUT = re.compile(r"(PATCH|DELETE) /api/v2/actions/actions/[^/]+|POST /api/v2/actions/actions/[^/]+/deploy")


def present():
    """Tell whether the vendor's document is on this machine."""
    return not CONTRACT.absent()


def document():
    """Return the vendor's document."""
    return CONTRACT.loaded["auth0-management"]


@cache
def validator(operation):
    """Return the validator of an operation's body; None where it takes none."""
    raw = document()
    verb, path = operation.split(" ")
    declared = resolved(raw, raw["paths"][path][verb.lower()].get("requestBody") or {})
    if not declared:
        return None
    schema = declared["content"]["application/json"]["schema"]
    return jsonschema.Draft202012Validator({**schema, "components": raw["components"]})


def faults(request):
    """Return what is wrong with a request to the management API."""
    parts = urlsplit(request.url)
    if not parts.path.startswith("/api/v2") or LEFT_OUT.fullmatch(f"{request.method} {parts.path}"):
        return []
    found = CONTRACT.operation_of(request)
    if found is None:
        return [f"no operation {request.method} {parts.path}"]
    operation, raw = found.name, document()
    verb, path = operation.split(" ")
    told = raw["paths"][path]
    declared = [resolved(raw, one) for one in (*told.get("parameters", ()), *told[verb.lower()].get("parameters", ()))]
    known = {one["name"] for one in declared if one["in"] == "query"}
    wrong = [f"{operation} knows no {name}" for name in sorted(set(parse_qs(parts.query)) - known)]
    body = validator(operation)
    if not request.body:
        return wrong
    if body is None:
        return [*wrong, f"{operation} takes no body"]
    return wrong + [
        f"{operation}: {error.json_path}: {error.message}" for error in body.iter_errors(json.loads(request.body))
    ]
