"""What botocore's own parser reads in a reply that something else has carried."""

from collections.abc import Mapping
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.endpoint import convert_to_response_dict
from botocore.httpchecksum import handle_checksum_body
from botocore.model import OperationModel

from twin.resources.aws.rest_replies import read_what_came


def parsed(
    client: Any, model: OperationModel, told: Mapping[str, Any], http: AWSResponse, *, final: int = 0
) -> dict[str, Any] | None:
    """Read a reply as `client` reads that of a call which it sent with the context `told`.

    None for an error, as what botocore makes of it may depend on more; one with the status `final` is raised.
    """
    context, events = dict(told), client.meta.events
    name = f"{model.service_model.service_id.hyphenize()}.{model.name}"
    response = convert_to_response_dict(http, model)
    handle_checksum_body(http, response, context, model)
    more: dict[str, Any] = {}
    events.emit(f"before-parse.{name}", operation_model=model, response_dict=response, customized_response_dict=more)
    read_what_came(client._response_parser)
    found: dict[str, Any] = client._response_parser.parse(response, model.output_shape) | more
    status = found["ResponseMetadata"]["HTTPStatusCode"]
    if status >= 300 and status != final:
        return None
    events.emit(f"after-call.{name}", http_response=http, parsed=found, model=model, context=context)
    if status >= 300:
        raise client.exceptions.from_code(found.get("Error", {}).get("Code"))(found, model.name)
    return found
