"""EC2's pages: moto gives all at once in most lists, whatever MaxResults says.

A list that moto does page keeps moto's tokens; ours are told apart by their mark.
"""

import base64
import binascii
import json
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from moto.core.utils import get_service_model

from twin.aws_data import LOADER
from twin.wire import Response
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

MARK = "twin:page:"
ASKED = (b"MaxResults=", b"NextToken=")
NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


def one_page(call: Call, response: Response) -> Response:
    """Cut a reply that holds a whole list down to the page that was asked for."""
    body = call.request.body
    if response.status != 200 or not any(word in body for word in ASKED) or call.operation not in _paged():
        return response
    asked = call.parse()
    most, start = asked.get("MaxResults"), _start(call.operation, asked.get("NextToken"))
    tree = ET.fromstring(response.body)  # noqa: S314 - the store wrote it
    space = tree.tag.partition("}")[0] + "}" if tree.tag.startswith("{") else ""
    found = tree.find(space + _paged()[call.operation])
    if found is None or start is None or tree.findtext(space + "nextToken"):
        return response
    items = list(found)
    end = len(items) if most is None else start + most
    for item in (*items[:start], *items[end:]):
        found.remove(item)
    if end < len(items):
        ET.SubElement(tree, space + "nextToken").text = _token(call.operation, end)
    ET.register_namespace("", space.strip("{}") or NAMESPACE)
    response.body = ET.tostring(tree, encoding="utf-8", xml_declaration=True)
    return response


def _start(operation: str, token: str | None) -> int | None:
    if token is None:
        return 0
    try:
        text = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not text.startswith(MARK):
        return None if operation in PAGED_BY_MOTO else _unreadable(token)
    named, start = json.loads(text.removeprefix(MARK))
    return int(start) if named == operation else _unreadable(token)


def _unreadable(token: str) -> int:
    raise AwsError("InvalidParameterValue", f"Unable to parse pagination token: {token}")


def _token(operation: str, start: int) -> str:
    return base64.b64encode((MARK + json.dumps([operation, start])).encode()).decode()


PAGED_BY_MOTO = {
    "DescribeInstances", "DescribeLaunchTemplates", "DescribeVpcEndpointServices", "DescribeTransitGatewayRouteTables",
    "DescribeIamInstanceProfileAssociations", "DescribeInstanceTypes",
}  # fmt: skip


@cache
def _paged() -> dict[str, str]:
    """Return per operation that has pages the element of its list, from botocore's own model."""
    model = get_service_model("ec2")
    pages: dict[str, dict[str, Any]] = LOADER.load_service_model("ec2", "paginators-1")["pagination"]
    places = {}
    for operation, page in pages.items():
        key = page["result_key"]
        shape = model.operation_model(operation).output_shape
        if isinstance(key, str) and "." not in key and shape is not None:
            member = shape.members[key]
            places[operation] = member.serialization.get("name", key[0].lower() + key[1:])
    return places
