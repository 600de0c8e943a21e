"""Checks exchanges against Okta's own OpenAPI documents, and knows which operations were covered."""

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from twin.world.saas.okta.state import ROUTER

SHARED = Path(os.environ.get("TWIN_SHARED", Path(__file__).parents[4] / "../shared"))
DOCUMENTS = ("okta-users-groups", "okta-apps", "okta-policies-authn", "okta-org-log-authz", "okta-oauth2")
APP_NULL = "the vendor's own examples of apps hold null; one of its documents says nullable, the other not"
# Fields that the service sends as null and a document calls not nullable: field -> why it is let through.
NULL_IN_REALITY = dict.fromkeys(
    ("errorRedirectUrl", "loginRedirectUrl", "admin", "enduser", "helpUrl", "message", "defaultRelayState"), APP_NULL
) | {
    "description": "a group without a description comes back with null",
    "region": "the document's own words: null if empty",
    "legacyEventType": "events without a legacy name carry null",
    "geographicalContext": "the vendor's own examples of events hold null where the place is unknown",
    "alternateId": "the vendor's own examples of rate limit events hold null",
    "displayName": "the vendor's own examples of rate limit events hold null",
}
# Nullable by the document, whose enumerations forget it.
NULL_IN_REALITY |= dict.fromkeys(
    ("authenticationProvider", "credentialProvider", "credentialType"), "an API token proves no credential of a user"
)
covered: set[str] = set()


def absent():
    """Return why nothing can be held against the documents; empty where they are there."""
    missing = [name for name in DOCUMENTS if not (SHARED / "contracts" / f"{name}.json").exists()]
    return f"the vendor contracts {missing} are absent in {SHARED}; set TWIN_SHARED" if missing else ""


@cache
def document(name):
    """Return one of the vendor's documents with the server of the tests, loaded once."""
    if absent():
        pytest.skip(absent())
    raw = json.loads((SHARED / "contracts" / f"{name}.json").read_text())
    raw["servers"] = [{"url": "/"}]
    return raw, OpenAPI.from_dict(raw)


@cache
def operations():
    """Return (operation, pattern, document) of every operation, fixed paths before those with variables."""
    found = []
    for name in DOCUMENTS:
        for path, item in document(name)[0]["paths"].items():
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
            found += [(f"{verb.upper()} {path}", pattern, name) for verb in item if verb in METHODS]
    return sorted(found, key=lambda row: row[0].count("{"))


METHODS = ("get", "post", "put", "patch", "delete")


class WireRequest:
    """A `twin.wire.Request` as openapi-core reads it."""

    def __init__(self, request):
        parts = urlsplit(request.url)
        self.host_url = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path
        self.method = request.method.lower()
        self.body = request.body or None
        self.content_type = request.headers.get("Content-Type", "application/json")
        query = ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True))
        self.parameters = RequestParameters(query=query, header=Headers(request.headers))


class WireResponse:
    """A `twin.wire.Response` as openapi-core reads it."""

    def __init__(self, response):
        self.data = response.body
        self.status_code = response.status
        self.headers = Headers(response.headers)
        self.content_type = response.headers.get("Content-Type", "application/json")


def operation_of(request):
    """Return the documented operation of a request and its document, or None."""
    path = urlsplit(request.url).path
    for operation, pattern, name in operations():
        if operation.startswith(f"{request.method} ") and pattern.fullmatch(path):
            return operation, name
    return None


def _resolved(raw, reply):
    return raw["components"]["responses"][reply["$ref"].split("/")[-1]] if "$ref" in reply else reply


def check(request, response):
    """Assert that a reply conforms to the contract; refusals only have to carry the vendor's error shape."""
    path = urlsplit(request.url).path
    if response.status >= 400 and path.startswith("/oauth2/") and b'"error"' in response.body:
        assert set(json.loads(response.body)) == {"error", "error_description"}
    elif response.status >= 400 and response.body:
        body = json.loads(response.body)
        assert set(body) == {"errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"}
        assert re.fullmatch(r"E\d{7}|[a-z_]+", body["errorCode"])
        assert "{0}" not in body["errorSummary"]
    found = operation_of(request)
    if not found:
        return
    operation, name = found
    if response.status < 400:
        covered.add(operation)
    raw = document(name)[0]
    declared = raw["paths"][operation.split(" ")[1]][request.method.lower()]["responses"]
    if path.endswith("/authorize"):
        return  # answers by redirect, of which the document tells nothing
    declared = {code: _resolved(raw, reply) for code, reply in declared.items()}
    known = str(response.status) in declared or (path.endswith("/logout") and response.status == 302)
    assert response.status >= 400 or known, f"{operation} does not answer {response.status}"
    if str(response.status) not in declared:
        return
    if not declared[str(response.status)].get("content"):
        # A refusal that the contract only describes still carries the vendor's error, which was checked above.
        assert response.body == b"" or response.status >= 400, f"{operation} has no body in the contract"
        return
    media = response.headers["Content-Type"]
    if media != "application/json":
        assert media in declared[str(response.status)]["content"]
        return
    try:
        document(name)[1].validate_response(WireRequest(request), WireResponse(response))
    except OpenAPIError as wrong:
        errors = getattr(wrong.__cause__, "schema_errors", None)
        told = (
            [str(error)[:1500] for error in errors if not _null_in_reality(error)]
            if errors
            else [repr(wrong.__cause__)]
        )
        if told:
            raise AssertionError(f"{operation} {response.status}: " + "\n".join(told)) from wrong


def _null_in_reality(error):
    return error.instance is None and str(error.absolute_path[-1]) in NULL_IN_REALITY


def served():
    """Return the documented operations that the server has an endpoint for."""
    bound = {re.sub(r"<\w+>", "{}", name) for name in ROUTER.endpoints}
    return {name for name, _, _ in operations() if re.sub(r"\{\w+\}", "{}", name) in bound}
