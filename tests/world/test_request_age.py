"""Presigned URLs end, requests grow too old, and SigV2's URLs, which boto3 makes by default, hold."""

import json
import re
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from mounted import Clients
from refused import refusal
from werkzeug.datastructures import Headers

from twin.clock import ShiftedClock, WallClock
from twin.wire import Request
from twin.world.world import World


class Machine(WallClock):
    """The clock of the machine on which the clients sign, in the test's hand."""

    def __init__(self):
        self.instant = WallClock().now()

    def now(self):
        """Return the instant at which it was stopped."""
        return self.instant

    def advance(self, seconds):
        """Move it by `seconds`."""
        self.instant += timedelta(seconds=seconds)


@pytest.fixture
def machine():
    """A machine's clock that stands."""
    return Machine()


@pytest.fixture
def served(machine):
    """A world whose clock goes as the machine's does and can be put forward, with an object in a bucket."""
    world = World(7, ShiftedClock(machine))
    s3 = Clients(world)("s3")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="a b", Body=b"1")
    yield world
    world.close()


def fetched(world, url, method="GET", **headers):
    """Send a request as a browser would; returns status and body."""
    sent = Headers([("Host", urlsplit(url).netloc), *headers.items()])
    reply = world.handle(Request(method, url, sent, b""))
    return reply.status, bytes(reply.body)


def presigned(world, version, operation="get_object", seconds=60, **parameters):
    """Presign a call; boto3 does it in version 2 by default."""
    client = Clients(world)("s3", own=True, **({"signature_version": "s3v4"} if version == 4 else {}))
    return client.generate_presigned_url(operation, {"Bucket": "files", **parameters}, ExpiresIn=seconds)


@pytest.mark.parametrize("version", [2, 4])
def test_presigned_url_ends_with_its_time_and_breaks_with_its_key(served, machine, version):
    """It reads the object and no other, until its seconds on the machine are over."""
    url = presigned(served, version, Key="a b", ResponseContentType="text/x")
    assert ("AWSAccessKeyId" in url) == (version == 2)
    assert fetched(served, url) == (200, b"1")
    assert b"SignatureDoesNotMatch" in fetched(served, url.replace("a%20b", "c"))[1]
    put = presigned(served, version, "put_object", Key="new", ContentType="text/plain")
    assert fetched(served, put, "PUT", **{"Content-Type": "text/plain"})[0] == 200
    assert fetched(served, put, "PUT", **{"Content-Type": "text/html"})[0] == 403
    machine.advance(3600)
    status, body = fetched(served, url)
    assert (status, b"Request has expired" in body) == (403, True)


def test_presigned_url_is_of_no_use_before_its_time(served, machine):
    """Fourteen minutes ahead are a clock's, sixteen are not; version 2 has no beginning."""
    first, second = (presigned(served, version, Key="a b") for version in (4, 2))
    machine.advance(-14 * 60)
    assert fetched(served, first)[0] == 200
    machine.advance(-2 * 60)
    status, body = fetched(served, first)
    assert (status, b"<Message>Request is not valid yet</Message>" in body) == (403, True)
    assert fetched(served, second)[0] == 200
    call = Clients(served)("sts", endpoint=None).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert b"<Code>SignatureDoesNotMatch</Code>" in fetched(served, call)[1]
    machine.advance(16 * 60)
    assert fetched(served, call)[0] == 200


@pytest.mark.parametrize("expires", ["abc", "²", "-1"])
def test_lifetime_that_is_no_number_is_refused(served, expires):
    """By S3 in its words, and by every other service as a broken signature."""
    told = quote(expires)
    url = presigned(served, 4, Key="a b").replace("X-Amz-Expires=60", f"X-Amz-Expires={told}")
    assert b"<Code>AuthorizationQueryParametersError</Code>" in fetched(served, url)[1]
    old = presigned(served, 2, Key="a b")
    assert b"<Code>AccessDenied</Code>" in fetched(served, re.sub("Expires=[0-9]+", f"Expires={told}", old))[1]
    call = Clients(served)("sts", endpoint=None).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert b"<Code>IncompleteSignature</Code>" in fetched(served, re.sub("Expires=[0-9]+", f"Expires={told}", call))[1]


@pytest.mark.parametrize("version", [2, 4])
def test_lifetime_of_many_digits_is_a_number(served, version):
    """An instant after the last year that a calendar has is far off; a longer life than a week is refused."""
    seconds = 32_503_680_000_000
    status, body = fetched(served, presigned(served, version, Key="a b", seconds=seconds))
    assert (status, b"AuthorizationQueryParametersError" in body) == ((200, False) if version == 2 else (400, True))


@pytest.mark.parametrize(("version", "named"), [(2, "AWS"), (4, "AWS4-HMAC-SHA256")])
def test_policy_tells_the_versions_of_signatures_apart(served, version, named):
    """A bucket refuses the version that its policy names, in a query, and no other."""
    s3, url = Clients(served)("s3"), presigned(served, version, Key="a b")
    for told, status in ((named, 403), ("AWS4-HMAC-SHA256" if version == 2 else "AWS", 200)):
        condition = {"StringEquals": {"s3:signatureversion": told, "s3:authType": "REST-QUERY-STRING"}}
        denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::files/*"}
        policy = {"Version": "2012-10-17", "Statement": [denied | {"Condition": condition}]}
        s3.put_bucket_policy(Bucket="files", Policy=json.dumps(policy))
        assert fetched(served, url)[0] == status


@pytest.mark.parametrize("version", [2, 4])
def test_signature_of_a_presigned_url_is_not_in_the_events(served, version):
    """Whoever reads the trail cannot send the URL again; what else it asked for is told."""
    fetched(served, presigned(served, version, Key="a b", ResponseContentType="text/x"))
    asked = served.evidence.event(len(served.evidence) - 1)["requestParameters"]
    assert asked["response-content-type"] == "text/x"
    assert not {"signature", "awsaccesskeyid", "x-amz-signature", "x-amz-credential"} & {one.lower() for one in asked}


def test_presigned_url_ends_when_the_twin_is_put_forward(served, machine):
    """Time that the twin jumps counts from the signature on; a week is the longest."""
    served.agenda.leader.advance(3600)
    url = presigned(served, 4, Key="a b", seconds=600)
    machine.advance(60)
    served.agenda.leader.advance(400)
    assert fetched(served, url)[0] == 200
    served.agenda.leader.advance(400)
    assert fetched(served, url)[0] == 403
    assert b"AuthorizationQueryParametersError" in fetched(served, presigned(served, 4, Key="a b", seconds=700_000))[1]


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("s3", "list_buckets", ("RequestTimeTooSkewed", 403)),
        ("sts", "get_caller_identity", ("SignatureDoesNotMatch", 403)),
        ("dynamodb", "list_tables", ("InvalidSignatureException", 400)),
        ("ec2", "describe_vpcs", ("RequestExpired", 400)),
    ],
)
def test_request_signed_by_a_wrong_clock_is_refused_in_the_words_of_its_service(
    served, machine, service, operation, expected
):
    """Four minutes are taken, twenty are not, in both directions."""
    client = Clients(served)(service, retries={"max_attempts": 1})
    machine.advance(240)
    assert getattr(client, operation)()
    machine.advance(960)
    assert refusal(getattr(client, operation)) == expected
    machine.advance(-2400)
    assert refusal(getattr(client, operation)) == expected
