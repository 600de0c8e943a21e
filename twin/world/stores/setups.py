"""What moto reads out of a request before it answers: read once for all that are equal.

Who calls in which account, the date of the reply and typed parameters are made for each.
"""

from collections import OrderedDict
from typing import Any

from moto.core import responses
from moto.iam.models import mark_account_as_visited
from moto.s3.responses import S3Response
from werkzeug.http import http_date

from twin.world.stores.sent_headers import ACCOUNT, ENCODING, SentRequest

MODULE: Any = responses
RESPONSES: Any = responses.BaseResponse
S3: Any = S3Response
STOCK: dict[tuple[Any, str], Any] = {(owner, "setup_class"): owner.setup_class for owner in (RESPONSES, S3)}
READ = (
    "is_werkzeug_request", "parsed_url", "body", "form_data", "raw_body", "uri", "path", "raw_path", "region",
    "partition", "method", "access_key",
)  # fmt: skip


def set_up(
    response: Any, request: Any, full_url: str | None = None, headers: Any = None, use_raw_body: bool | None = None
) -> None:
    """Read a request for what answers it."""
    stock = STOCK[(RESPONSES, "setup_class")]
    if not _kept(response, request) or (headers is not None and headers is not request.headers):
        stock(response, request, full_url, headers, use_raw_body)
        return
    place = (response.__class__, full_url, use_raw_body, request.environ[ACCOUNT])
    known = request.kept.get(place)
    if known is None:
        stock(response, request, full_url, headers, use_raw_body)
        read = {name: vars(response)[name] for name in READ}
        request.kept[place] = read, response.current_account, _copied(response.querystring)
        return
    read, account, query = known
    response.__dict__.update(read)
    response.normalized_request, response.headers = request, request.headers
    response.querystring = response.data = _copied(query)
    response.uri_match = {}
    response.current_account = account
    response.response_headers = {"server": "amazon.com", "date": http_date(MODULE.utcnow())}
    if response.automated_parameter_parsing and response._get_action():
        response.parse_parameters(request)
    mark_account_as_visited(
        account_id=account, access_key=response.access_key, service=response.service_name, region=response.region
    )


def set_up_s3(response: Any, request: Any, full_url: str | None = None, headers: Any = None) -> None:
    """Read a request to S3: its bucket, and the body in its chunks."""
    if full_url is not None or not _kept(response, request):
        STOCK[(S3, "setup_class")](response, request, full_url, headers)
        return
    known = request.kept.get(S3)
    if known is None:
        STOCK[(S3, "setup_class")](response, request, full_url, headers)
        request.kept[S3] = response.region, response.bucket_name, response.body
        return
    set_up(response, request)
    response.region, response.bucket_name, response.body = known
    response.request = request


def _kept(response: Any, request: Any) -> bool:
    """Tell whether what is read of a request is kept: it came through the gateway, and its body is not unpacked."""
    packed = response.allow_request_decompression and isinstance(request, SentRequest) and ENCODING in request.environ
    return isinstance(request, SentRequest) and not packed


def _copied(query: Any) -> Any:
    """Return a copy of parameters by name, into which moto writes."""
    copy = OrderedDict(query)
    for name, value in query.items():
        if value.__class__ is list:
            copy[name] = value[:]
    return copy


REMEMBERING: dict[tuple[Any, str], Any] = {(RESPONSES, "setup_class"): set_up, (S3, "setup_class"): set_up_s3}
