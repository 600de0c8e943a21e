"""Checks exchanges against Auth0's own OpenAPI document, and knows which operations were covered."""

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from twin.world.saas.auth0.documented import operation_name
from twin.world.saas.auth0.state import ROUTER

SHARED = Path(os.environ.get("TWIN_SHARED", Path(__file__).parents[4] / "../shared"))
METHODS = ("get", "post", "put", "patch", "delete")
covered: set[str] = set()
PATH = SHARED / "contracts" / "auth0-management.json"


def absent():
    """Return why nothing can be held against the document; empty where it is there."""
    return "" if PATH.exists() else f"the vendor contracts are absent: {PATH}; set TWIN_SHARED"


@cache
def document():
    """Return the management API's document, loaded once."""
    if absent():
        pytest.skip(absent())
    raw = json.loads(PATH.read_text())
    raw["servers"] = [{"url": "/api/v2"}]
    # A last page of checkpoints fits numbered pages as well: the vendor says "one of" where it means "any of".
    for schema in raw["components"]["schemas"].values():
        if any("$ref" in one and "aginated" in one["$ref"] for one in schema.get("oneOf", ())):
            schema["anyOf"] = schema.pop("oneOf")
    return raw, OpenAPI.from_dict(raw)


@cache
def operations():
    """Return (operation, pattern) of every operation, fixed paths before those with variables."""
    found = []
    for path, item in document()[0]["paths"].items():
        pattern = re.compile("/api/v2" + re.sub(r"\{\w+\}", "[^/]+", path))
        found += [(f"{verb.upper()} {path}", pattern) for verb in item if verb in METHODS]
    return sorted(found, key=lambda row: row[0].count("{"))


class WireRequest:
    """A `twin.wire.Request` as openapi-core reads it."""

    def __init__(self, request):
        parts = urlsplit(request.url)
        self.host_url = f"{parts.scheme}://{parts.netloc}"
        self.path, self.method, self.body = parts.path, request.method.lower(), request.body or None
        self.content_type = request.headers.get("Content-Type", "application/json")
        self.parameters = RequestParameters(query=ImmutableMultiDict(), header=Headers(request.headers))


class WireResponse:
    """A `twin.wire.Response` as openapi-core reads it."""

    def __init__(self, response):
        self.data, self.status_code, self.headers = response.body, response.status, Headers(response.headers)
        self.content_type = response.headers.get("Content-Type", "application/json")


def check(request, response):
    """Assert that a reply conforms; refusals have to carry the vendor's error shape."""
    path = urlsplit(request.url).path
    if not path.startswith("/api/v2"):
        return
    if response.status >= 400:
        assert {"statusCode", "error", "message"} <= set(json.loads(response.body))
        return
    found = [one for one, pattern in operations() if one.startswith(f"{request.method} ") and pattern.fullmatch(path)]
    if not found:
        return
    covered.add(found[0])
    declared = document()[0]["paths"][found[0].split(" ")[1]][request.method.lower()]["responses"]
    assert str(response.status) in declared, f"{found[0]} does not answer {response.status}"
    if not declared[str(response.status)].get("content"):
        assert response.body == b"", f"{found[0]} {response.status} has no body in the contract"
        return
    try:
        document()[1].validate_response(WireRequest(request), WireResponse(response))
    except OpenAPIError as wrong:
        errors = getattr(wrong.__cause__, "schema_errors", None) or [wrong.__cause__]
        raise AssertionError(f"{found[0]} {response.status}: " + "\n".join(str(one)[:800] for one in errors)) from wrong


def served():
    """Return the documented operations that the server has an endpoint for."""
    bound = {operation_name(rule) for rule in ROUTER.endpoints}
    return {name for name, _ in operations() if name in bound}
