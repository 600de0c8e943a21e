"""Requests of REST services are named as moto's own router names them, the second time from memory."""

import pytest
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from moto.core.routing import get_service_router
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from twin.wire import Request
from twin.world.stores import rest_routes
from twin.world.stores.moto_requests import environ_of, to_moto
from twin.world.stores.rest_routes import routed

# Of its own: in the models that clients share, S3's paths have lost the bucket.
LOADER = Loader()


def smallest(shape, text):
    """The least parameters that a shape takes, with one text for every name."""
    if shape.type_name == "structure":
        return {name: smallest(shape.members[name], text) for name in shape.required_members}
    if shape.type_name == "list":
        return [smallest(shape.member, text)]
    if shape.type_name == "map":
        return {text: smallest(shape.value, text)}
    plain = {"string": (getattr(shape, "enum", None) or [text])[0], "blob": b"x", "boolean": True, "timestamp": 0}
    return plain.get(shape.type_name, 1)


def requests(service, text):
    """One request of each operation of a service, as botocore would send it."""
    model = ServiceModel(LOADER.load_service_model(service, "service-2"), service)
    serializer = create_serializer(model.metadata["protocol"])
    for name in model.operation_names:
        operation = model.operation_model(name)
        params = smallest(operation.input_shape, text) if operation.input_shape else {}
        if operation.input_shape and ParamValidator().validate(params, operation.input_shape).has_errors():
            continue
        try:
            made = serializer.serialize_to_request(params, operation)
        except (ParamValidationError, KeyError):
            continue
        query = made["query_string"]
        query = "&".join(f"{k}={v}" for k, v in query.items()) if isinstance(query, dict) else query
        path = made["url_path"]
        url = f"https://host{path}" + (f"{'&' if '?' in path else '?'}{query}" if query else "")
        headers = Headers([(k, str(v)) for k, v in made["headers"].items()])
        body = made["body"] if isinstance(made["body"], bytes) else b""
        request = Request(made["method"], url, headers, body)
        yield name, to_moto(request, environ_of(request, url))


def by_moto(match, request):
    """What the router says; None when it knows no operation."""
    try:
        return match(request)[0].name
    except HTTPException:
        return None


@pytest.mark.parametrize("service", ["s3", "lambda", "eks", "route53", "s3control", "backup"])
def test_every_operation_is_routed_as_moto_does(service):
    """Of each operation two requests, about different things; the router is asked again for the truth."""
    named = 0
    for text in ("first-thing-here", "other-thing-here"):
        for name, request in requests(service, text):
            truth = by_moto(get_service_router(service).match, request)
            assert routed(request, service) == truth, (name, request.url)
            named += truth == name
    assert named > 20


def test_the_second_object_is_routed_from_memory(monkeypatch):
    """The router is not asked twice for one kind of request, and is for another kind."""
    asked = []
    real = get_service_router("s3").match
    monkeypatch.setattr(get_service_router("s3"), "match", lambda request: (asked.append(request), real(request))[1])
    monkeypatch.setattr(rest_routes, "_known", {})

    def name(method, path, **headers):
        url = f"https://s3.us-east-1.amazonaws.com{path}"
        request = Request(method, url, Headers(list(headers.items())))
        return routed(to_moto(request, environ_of(request, url)), "s3")

    assert name("PUT", "/lake/a") == name("PUT", "/lake/b/c") == name("PUT", "/sea/d?x=1") == "PutObject"
    assert len(asked) == 1
    assert name("PUT", "/lake/a", **{"x-amz-copy-source": "lake/b"}) == "CopyObject"
    assert name("PUT", "/lake/a?tagging") == "PutObjectTagging"
    assert name("GET", "/lake") == name("GET", "/lake/") == "ListObjects"
    assert name("GET", "/lake?list-type=2") == "ListObjectsV2"
    assert name("GET", "/") == "ListBuckets"
    assert name("POST", "/lake/a") is None
    assert name("POST", "/WriteGetObjectResponse") is None
