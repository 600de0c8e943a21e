"""Reads are written down only as botocore signs them, and what came ahead is given once, to its own principal."""

import threading
from threading import Event

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from twin.resources.aws.ahead import Ahead, Planned
from twin.resources.aws.pages import followed, token_of
from twin.resources.aws.patterns import _read_request
from twin.resources.aws.read_request import ReadRequest
from twin.resources.aws.transcript import Transcript, mark
from twin.resources.wire_client import Answer, Broken

ME, OTHER = Credentials("AKIAME", "secret", "session"), Credentials("AKIAOTHER", "secret")
AT = "20261129T170000Z"
SENT = [
    ("POST", "/", b"Action=DescribeVpcs&Version=2016-11-15", "ec2"),
    ("GET", "/lake?policy", b"", "s3"),
    ("GET", "/lake/a%20b%2Fc?versionId=1&acl", b"", "s3"),
    ("GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af/policy?b=2&a=1%3D", b"", "lambda"),
]  # fmt: skip


def prepared(method, target, body, service):
    """Return a request as botocore signs it."""
    request = AWSRequest(method, f"http://127.0.0.1:1{target}", {"User-Agent": "x", "X-Extra": " a  b "}, body)
    signing = S3SigV4Auth if service == "s3" else SigV4Auth
    signing(ME, service, "us-east-1").add_auth(request)
    return request.prepare()


@pytest.mark.parametrize("sent", SENT, ids=[f"{row[3]} {row[1]}" for row in SENT])
def test_what_is_written_down_is_signed_as_botocore_signs_it(sent):
    """Paths, queries and headers of every form; and what somebody has touched since is not written down."""
    request = prepared(*sent)
    read = _read_request(request, ME)
    assert (read.method, read.body, read.scope) == (sent[0], sent[2], f"us-east-1/{sent[3]}")
    assert f"{read.path}?{read.query}".rstrip("?") == sent[1]
    request.headers["X-Extra"] = "b"
    assert _read_request(request, ME) is None
    assert _read_request(prepared(*sent), OTHER) is None


def read(body: bytes, path: str = "/") -> ReadRequest:
    """Return a read."""
    return ReadRequest("POST", path, "", (("host", "127.0.0.1"),), "us-east-1/sns", body)


class Wire:
    """Answers with what it is asked; a list of three pages under tokens that are new each time; `gone` breaks."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def exchange(self, request: bytes) -> Answer:
        """Answer one request."""
        body = request.partition(b"\r\n\r\n")[2]
        self.asked.append(body)
        if body == b"gone":
            raise Broken("gone")
        more = b'{"NextToken": "%016d"}' % len(self.asked) if len(self.asked) < 3 else b"{}"
        return Answer(200, [], more if body.startswith(b"list") else body)


def started(*reads, signer=ME):
    """Send reads one after the other; returns them when all have come."""
    wire, ahead = Wire(), Ahead(reads, signer, now=lambda: AT)
    ahead.start(wire, 1)
    return wire, ahead, [one and one.body for one in ahead.answers()]


def test_each_reply_is_given_once_and_to_its_own_principal():
    """A second look, another principal and another request ask anew; so does one whose reply never came."""
    _, ahead, answers = started(Planned(read(b"a")), Planned(read(b"gone")), Planned(read(b"a", "/b")))
    assert answers == [b"a", None, b"a"]
    assert ahead.take(read(b"a"), OTHER) is None
    assert ahead.take(read(b"b"), ME) is None
    assert ahead.take(read(b"gone"), ME) is None
    assert [ahead.take(read(b"a"), ME).body, ahead.take(read(b"a"), ME)] == [b"a", None]
    ahead.end()
    assert ahead.take(read(b"a", "/b"), ME) is None


def test_what_nobody_has_sent_yet_is_sent_by_whoever_asks():
    """Nobody waits for a read that is not under way, and it goes out once."""
    wire, ahead = Wire(), Ahead([Planned(read(b"a"))], ME, now=lambda: AT)
    assert ahead.take(read(b"a"), ME) is None
    ended = Event()
    ahead.start(wire, 2, then=ended.set)
    assert [*ahead.answers()] == [None]
    assert ended.wait(10)
    assert wire.asked == []


def test_pages_are_followed_by_their_new_tokens():
    """The next page is asked for by the token that came, not by the one of then; a page less leaves nobody waiting."""
    then = [
        (read(b"list&Max=9"), b'{"NextToken": "then-then-then-1"}'),
        (read(b"x"), b""),
        (read(b"list&Marker=then-then-then-1&Max=9"), b"{}"),
    ]
    assert followed(then) == [None, None, 0]
    assert followed([then[0], (read(b"list&Marker=then-then-then-1&Max=9", "/other"), b"")]) == [None, None]
    pages = [Planned(read(b"list")), Planned(read(b"list t1-"), 0, b"t1-"), Planned(read(b"list t2-"), 1, b"t2-")]
    wire, ahead, answers = started(*pages)
    assert wire.asked == [b"list", b"list %016d" % 1, b"list %016d" % 2]
    assert [token_of(body) for body in answers] == [b"%016d" % 1, b"%016d" % 2, b""]
    assert ahead.take(read(b"list %016d" % 1), ME).body == answers[1]
    assert started(*pages, Planned(read(b"list t3-"), 2, b"t3-"))[2] == [*answers, None]


def test_a_token_that_is_a_name_is_no_page_of_whatever_else_holds_it():
    """Load balancers are paged by their names, which stand in other requests too; nobody waits for what is not sent."""
    name = b"a-balancer-with-a-name"
    listed = (read(b"Action=DescribeLoadBalancers"), b"<NextMarker>" + name + b"</NextMarker>")
    more = (read(b"Action=DescribeLoadBalancers&Marker=" + name), b"")
    about = (read(b"Action=DescribeListeners&LoadBalancerArn=app%2F" + name), b"")
    assert followed([listed, about, more, more]) == [None, None, 0, None]
    first, second = read(b'{"A": 1}'), read(b'{"A": 1, "nextToken": "' + name + b'"}')
    assert followed([(first, b'{"nextToken": "' + name + b'"}'), (second, b"")]) == [None, 0]


class Failing:
    """Fails in a way that nobody foresaw."""

    def exchange(self, request: bytes) -> Answer:
        """Fail."""
        raise ValueError("a reply that cannot be read")


def test_nobody_waits_for_a_thread_that_failed(monkeypatch):
    """Each read of it, and those that it had not begun, is without an answer; and the failure is told."""
    told, told_of = Event(), []
    monkeypatch.setattr(threading, "excepthook", lambda failed: (told_of.append(failed.exc_type), told.set()))
    ahead = Ahead([Planned(read(b"a")), Planned(read(b"b")), Planned(read(b"b t"), 1, b"t")], ME, now=lambda: AT)
    ahead.start(Failing(), 1)
    assert [*ahead.answers()] == [None, None, None]
    assert ahead.take(read(b"a"), ME) is None
    assert told.wait(60)
    assert told_of == [ValueError]


REPLY = Answer(
    200, [("x-amzn-RequestId", "a" * 20), ("Date", "now"), ("ETag", "1")], b"<Id>" + b"a" * 20 + b"</Id><A/>"
)
OTHERS = [
    Answer(404, REPLY.headers, REPLY.body),
    Answer(200, [*REPLY.headers[:2], ("ETag", "2")], REPLY.body),
    Answer(200, REPLY.headers, REPLY.body + b" "),
    Answer(200, [("x-amzn-RequestId", "b" * 20), *REPLY.headers[1:]], REPLY.body),
    Answer(200, [("x-amzn-RequestId", "A"), *REPLY.headers[1:]], REPLY.body.replace(b"A", b"")),
]  # fmt: skip


def test_a_mark_tells_every_other_reply():
    """Only what is new in each reply is left out: its instant, its own id wherever that stands, a token where told."""
    same = Answer(
        200, [("X-Amzn-Requestid", "c" * 20), ("date", "then"), ("etag", "1")], REPLY.body.replace(b"a", b"c")
    )
    assert mark(same) == mark(REPLY)
    assert mark(REPLY) not in {mark(other) for other in OTHERS}
    paged = [Answer(200, [], b'{"NextToken": "%s"}' % token) for token in (b"1" * 16, b"2" * 16)]
    assert mark(paged[0]) != mark(paged[1])
    assert mark(paged[0], b"1" * 16) == mark(paged[1], b"2" * 16)


def test_a_transcript_has_what_was_read_until_it_ended():
    """Replies that came ahead and others alike; from its end on nothing is noted, and nothing old is given."""
    wire, ahead, _ = started(Planned(read(b"a")), Planned(read(b"c")))
    transcript = Transcript(ahead)
    for body in (b"a", b"b"):
        transcript.exchange(read(body), ME, wire=wire, now=lambda: AT)
    assert [(one.body, answer.body) for one, answer in transcript.told] == [(b"a", b"a"), (b"b", b"b")]
    transcript.end()
    transcript.exchange(read(b"c"), ME, wire=wire, now=lambda: AT)
    assert len(transcript.told) == 2
    assert wire.asked == [b"a", b"c", b"b", b"c"]
    assert transcript.whole
