"""S3 keeps a body only when it is what its checksums say."""

import hashlib
import io
import zlib
from base64 import b64encode

import pytest
from botocore.exceptions import ClientError
from refused import refusal

from twin.world.refusals import Refusal
from twin.world.refusals.checksums import unframed

BODY = b"what was meant"


def text(digest):
    """A checksum as it is sent."""
    return b64encode(digest).decode()


SUMS = {
    "ChecksumCRC32": lambda body: text(zlib.crc32(body).to_bytes(4, "big")),
    "ChecksumSHA1": lambda body: text(hashlib.sha1(body).digest()),
    "ChecksumSHA256": lambda body: text(hashlib.sha256(body).digest()),
    "ContentMD5": lambda body: text(hashlib.md5(body).digest()),
}


@pytest.fixture
def s3(clients):
    """A client with a bucket."""
    client = clients("s3")
    client.create_bucket(Bucket="lake")
    return client


@pytest.mark.parametrize("name", SUMS)
def test_wrong_checksum_keeps_nothing(s3, name):
    """Of an object and of a part; with the right one both are kept."""
    upload = s3.create_multipart_upload(Bucket="lake", Key="parts")["UploadId"]
    part = {"Bucket": "lake", "Key": "parts", "PartNumber": 1, "UploadId": upload, "Body": BODY}
    for call, params in ((s3.put_object, {"Bucket": "lake", "Key": "k", "Body": BODY}), (s3.upload_part, part)):
        assert refusal(call, **params, **{name: SUMS[name](b"other")}) == ("BadDigest", 400)
        assert call(**params, **{name: SUMS[name](BODY)})["ETag"]
    assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == BODY


def test_digest_that_is_none_is_invalid(s3):
    """Sixteen bytes in base 64 are a digest, nothing else."""
    for digest in ("nonsense!", text(b"short")):
        assert refusal(s3.put_object, Bucket="lake", Key="k", Body=BODY, ContentMD5=digest) == ("InvalidDigest", 400)


def test_checksum_behind_the_body_is_judged_too(clients):
    """Over HTTPS the checksum trails; a stream that is changed on its way is refused in AWS's words."""
    s3 = clients("s3", endpoint="https://127.0.0.1:4999", own=True)
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=io.BytesIO(BODY), ChecksumAlgorithm="SHA1")

    def change(request, **_):
        request.data = request.data.read().replace(BODY, BODY.upper())

    s3.meta.events.register("before-sign.s3.PutObject", change)
    with pytest.raises(ClientError, match="The SHA1 you specified did not match the calculated checksum"):
        s3.put_object(Bucket="lake", Key="k", Body=io.BytesIO(BODY), ChecksumAlgorithm="SHA1")
    assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == BODY


def test_frames_are_taken_off():
    """Chunks with and without signatures, and the trailers behind them; a cut body is told from a whole one."""
    signed = b"3;chunk-signature=ab\r\nabc\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AA==\r\n\r\n"
    assert unframed(signed) == (b"abc", {"x-amz-checksum-crc32": "AA=="})
    assert unframed(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") == (b"abcde", {})
    for cut in (b"", b"3\r\nab", b"3\r\nabc\r\n", b"xyz\r\nabc\r\n0\r\n\r\n"):
        with pytest.raises(Refusal, match="terminated unexpectedly"):
            unframed(cut)
