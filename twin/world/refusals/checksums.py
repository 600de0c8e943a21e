"""What S3 refuses of a body that is not what its checksum says, in a header or behind the body; moto keeps anything.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
CRC32C and CRC64NVME are not judged: Python has neither.
"""

import binascii
import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable

from twin.world.refusals import Asked, Refusal, refuses

PREFIX = "x-amz-checksum-"
FRAMED = "STREAMING-"
SUMS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}


@refuses("s3", "PutObject", "UploadPart")
def body_is_what_its_checksum_says(asked: Asked) -> None:
    """Compare a body with every checksum that came with it."""
    headers, body = asked.headers, asked.call.request.body
    claimed = {name: headers[PREFIX + name] for name in SUMS if PREFIX + name in headers}
    if headers.get("x-amz-content-sha256", "").startswith(FRAMED):
        body, trailers = unframed(body)
        claimed |= {name: trailers[PREFIX + name] for name in SUMS if PREFIX + name in trailers}
    for name, value in claimed.items():
        if b64encode(SUMS[name](body)).decode() != value:
            raise Refusal("BadDigest", f"The {name.upper()} you specified did not match the calculated checksum.")
    if (digest := headers.get("content-md5")) is not None:
        _compare_md5(digest, body)


def _compare_md5(digest: str, body: bytes) -> None:
    try:
        wanted = b64decode(digest, validate=True)
    except binascii.Error:
        wanted = b""
    if len(wanted) != 16:
        raise Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.")
    if wanted != hashlib.md5(body, usedforsecurity=False).digest():
        raise Refusal("BadDigest", "The Content-MD5 you specified did not match what we received.")


def unframed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """Take an `aws-chunked` body apart into what was meant and the headers behind it; IncompleteBody when it is cut."""
    pieces: list[bytes] = []
    place = 0
    while True:
        line, found, _ = body[place : place + 256].partition(b"\r\n")
        try:
            size = int(line.partition(b";")[0], 16) if found else -1
        except ValueError:
            size = -1
        place += len(line) + 2
        if size < 0 or len(body) < place + size:
            raise Refusal("IncompleteBody", "The request body terminated unexpectedly")
        if size == 0:
            break
        pieces.append(body[place : place + size])
        place += size + 2
    lines = (line.decode("latin-1").partition(":") for line in body[place:].split(b"\r\n") if line)
    return b"".join(pieces), {name.strip().lower(): value.strip() for name, _, value in lines}
