"""What RDS tells of something in the store, as its API shapes it."""

from functools import cache
from typing import Any

from moto.core.serialize import SerializationContext, XFormedAttributePicker, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers

from twin.wire import Response
from twin.world.stores.results import parse_reply


def told(key: str, held: Any) -> dict[str, Any]:
    """Return a result that holds one thing of the store: `DBInstance`, `DBSnapshot`, `DBCluster`, `GlobalCluster`."""
    model, writer = _model(key), get_serializer_class("rds", "query")
    written = writer(model, SerializationContext("-"), value_picker=XFormedAttributePicker()).serialize({key: held})
    body = written["body"]
    found = parse_reply(model, "query", Response(200, Headers(), body.encode() if isinstance(body, str) else body))
    return {key: found[key]}


@cache
def _model(key: str) -> Any:
    return get_service_model("rds").operation_model(f"Delete{key}")
