"""Presigned URLs end, requests grow too old, and SigV2's URLs, which boto3 makes by default, hold."""

from urllib.parse import urlsplit

import pytest
from mounted import Clients
from refused import refusal
from werkzeug.datastructures import Headers

from twin.clock import ShiftedClock, VirtualClock, WallClock
from twin.wire import Request
from twin.world.world import World


@pytest.fixture
def machine():
    """The clock of the machine on which the clients sign, in the test's hand."""
    return VirtualClock(WallClock().now())


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
    machine.advance(62)
    status, body = fetched(served, url)
    assert (status, b"Request has expired" in body) == (403, True)


def test_presigned_url_ends_when_the_twin_is_put_forward(served, machine):
    """Time that the twin jumps counts from the signature on; a week is the longest."""
    served.agenda.leader.advance(3600)
    url = presigned(served, 4, Key="a b", seconds=600)
    machine.advance(3)
    served.agenda.leader.advance(580)
    assert fetched(served, url)[0] == 200
    served.agenda.leader.advance(20)
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
