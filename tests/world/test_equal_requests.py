"""What moto reads in a request is read once for all that are equal, and is what it would have read in each."""

import io
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from botocore.model import Shape
from botocore.parsers import create_parser
from moto.core.utils import get_service_model
from moto.iam.responses import IamResponse
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.sns.models import sns_backends
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.resources.aws.replied import Replied
from twin.resources.aws.rest_replies import read_what_came
from twin.semantics.events.pattern import event_matches
from twin.wire import Request
from twin.world.stores.moto_requests import environ_of, from_moto, to_moto
from twin.world.stores.s3_lookups import acl_of
from twin.world.stores.service_requests import service_request
from twin.world.stores.setups import READ, STOCK
from twin.world.world import EPOCH, World

FORM = [("Content-Type", "application/x-www-form-urlencoded")]
CHUNKED = [("Content-Encoding", "aws-chunked"), ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")]
SENT: dict[str, tuple[Any, Request]] = {
    "a form": (IamResponse, Request("POST", "https://iam.amazonaws.com/", Headers(FORM), b"Action=GetUser&UserName=a")),
    "JSON": (
        SecretsManagerResponse,
        Request("POST", "https://kms.us-west-2.amazonaws.com/", Headers([("X-Amz-Target", "x.ListSecrets")]), b"{}"),
    ),
    "chunks": (
        S3Response,
        Request("PUT", "https://s3.eu-west-1.amazonaws.com/lake/a?x=1", Headers(CHUNKED), b"4\r\nbody\r\n0\r\n\r\n"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def world():
    """A world, whose store is moto as the twin has it."""
    yield World(3, VirtualClock(EPOCH))
    World.end()


def set_up(kind: Any, request: Any, account: str = "123456789012", *, stock: bool = False) -> Any:
    """Return what answers a request, once it has read it."""
    request.headers.tell(account)
    response = kind()
    if stock:
        for owner in (owner for owner in kind.__mro__ if (owner, "setup_class") in STOCK):
            STOCK[(owner, "setup_class")](response, request)
            break
    else:
        response.setup_class(request)
    return response


@pytest.mark.parametrize("what", SENT)
def test_a_request_is_read_as_its_equal_was_and_as_moto_reads_it(what):
    """Every part is the same, the account is each call's own, and what moto writes into one is not in the next."""
    kind, request = SENT[what]
    environ, kept = environ_of(request, request.url), {}
    whole = set_up(kind, to_moto(request, environ), stock=True)
    names = {*READ, "querystring", "response_headers", "current_account", "bucket_name"} & vars(whole).keys()
    for _ in range(3):
        ours = set_up(kind, to_moto(request, environ, kept))
        assert {name: vars(ours)[name] for name in names} == {name: vars(whole)[name] for name in names}
        assert ours.data is ours.querystring
        ours.data["Action"] = ["Other"]
        ours.data.setdefault("x", []).append("2")
    other = set_up(kind, to_moto(request, environ, kept), account="210987654321")
    assert other.current_account == "210987654321"


def test_states_are_made_at_first_use_and_forgotten_at_the_end():
    """A Region that there is not is refused, `global` means AWS's partition, and a new world begins with nothing."""
    account = s3_backends["123456789012"]
    with pytest.raises(KeyError):
        account["nowhere"]
    assert account["global"] is account["aws"] is s3_backends["123456789012"]["aws"]
    sns_backends["123456789012"]["us-east-1"].topics["t"] = None
    World(4, VirtualClock(EPOCH))
    assert not sns_backends["123456789012"]["us-east-1"].topics


def test_a_list_comes_with_an_object_only_where_a_header_tells_one():
    """Without any there is none; a canned one and a grant are read as moto reads them."""
    url = "https://s3.us-east-1.amazonaws.com/lake/a"
    for told, grants in (([], None), ([("x-amz-acl", "private")], 1), ([("x-amz-grant-read", 'id="a",id="b"')], 1)):
        request = Request("PUT", url, Headers(told), b"")
        response = set_up(S3Response, to_moto(request, environ_of(request, url)))
        found = acl_of(response, response.headers)
        assert (len(found.grants) if found is not None else None) == grants


REPLIES: list[dict[str, str]] = [
    {},
    {"ETag": '"a"', "x-amz-version-id": "v", "X-Amz-Meta-Color": "red", "x-other": "1"},
    {"Content-Length": "4", "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT", "x-amz-delete-marker": "true"},
]


@pytest.mark.parametrize("operation", ["PutObject", "HeadObject", "ListBuckets"])
def test_a_reply_is_read_by_the_headers_that_came_as_botocore_reads_it(operation):
    """The members and their order are the same, whatever came."""
    shape: Shape = get_service_model("s3").operation_model(operation).output_shape
    stock, ours = create_parser("rest-xml"), create_parser("rest-xml")
    read_what_came(ours)
    for headers in REPLIES:
        for body in (b"", b"<a><Buckets><Bucket><Name>x</Name></Bucket></Buckets></a>"):
            told = {"status_code": 200, "headers": Replied(headers.items()), "body": body}
            found = ours.parse(told, shape)
            assert json.dumps(found, default=str) == json.dumps(stock.parse(told, shape), default=str)


def test_a_services_form_is_quoted_as_any_other():
    """What is special in a form, and what is no ASCII, comes through."""
    message = '{"a b": "1+1=2&x%41", "ü": "\u20ac"}~-._*'
    params = {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": message}
    for text in (message, message.encode("ascii", "ignore").decode()):
        sent = service_request("sns", "Publish", params | {"Message": text}, region="us-east-1", agent="x")
        assert dict(parse_qsl(sent.body.decode()))["Message"] == text
        assert sent.headers["Content-Type"].startswith(FORM[0][1])
        assert int(sent.headers["Content-Length"]) == len(sent.body)


def test_a_headers_value_has_one_line():
    """As werkzeug wants it; what moto keeps to itself is left out."""
    fields = {"ETag": "a", "status": 200, "Content-Length": "3", "X-Bytes": b"b", "X-Number": 7}
    assert list(from_moto((200, fields, io.BytesIO(b"abc").read()), head=False).headers) == [
        ("ETag", "a"), ("X-Bytes", "b"), ("X-Number", "7"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="X-Bad"):
        from_moto((200, {"X-Bad": "a\r\nSet-Cookie: b"}, b""), head=False)


@pytest.mark.parametrize(
    ("wanted", "value", "matches"),
    [(["a"], "a", True), (["b"], "a", False), ([None], "a", False), ([1], "1", False), ([{"prefix": "a"}], "ab", True),
     (["b", {"prefix": "c"}], "ab", False), ([{"exists": False}], "a", False), (["a"], ["b", "a"], True)],
)  # fmt: skip
def test_a_text_meets_the_texts_and_the_operators_of_a_pattern(wanted, value, matches):
    """A plain text is met by itself alone, and operators are asked where there are some."""
    assert event_matches({"x": wanted}, {"x": value}) is matches
