"""What is packed into bytes, however deep: zlib, gzip, zip, Parquet, base64, hex, and what stands in JSON's texts."""

import base64
import binascii
import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from contextlib import suppress

DEEPEST = 6
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{20,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-f]{2}){16,}|(?:[0-9A-F]{2}){16,}")
QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
GZIP = b"\x1f\x8b\x08"
HEAD = 4096
"""How far into bytes a packed body may begin, behind a head of its own."""


def layers(data):
    """Yield bytes, and whatever is packed into them, each once."""
    seen, waiting = set(), [(data, 0)]
    while waiting:
        layer, depth = waiting.pop()
        digest = hashlib.sha256(layer).digest()
        if digest in seen:
            continue
        seen.add(digest)
        yield layer
        if depth < DEEPEST:
            waiting += [(inner, depth + 1) for inner in _inside(layer)]


def _inside(data):
    if data.startswith(b"PAR1"):
        yield _table(data)
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    elif data.startswith(GZIP):
        yield gzip.decompress(data)
    else:
        yield from _inflated(data)
        yield from _decoded(data)


def _inflated(data):
    for mark in ZLIB:
        at = data.find(mark, 0, HEAD)
        while at >= 0:
            with suppress(zlib.error):  # where these two bytes begin nothing
                yield zlib.decompressobj().decompress(data[at:])
            at = data.find(mark, at + 1, HEAD)


def _decoded(data):
    for found in ENCODED.finditer(data):
        text = found[0].rstrip(b"=")
        padded = text + b"=" * (-len(text) % 4)
        decode = base64.urlsafe_b64decode if b"-" in text or b"_" in text else base64.b64decode
        if len(text) % 4 != 1:
            with suppress(binascii.Error):  # a name, and no base64
                yield decode(padded)
    yield from (bytes.fromhex(found[0].decode()) for found in HEX.finditer(data))
    for found in QUOTED.finditer(data):
        if b"\\" in found[0]:
            with suppress(ValueError):  # quotes that are not JSON's
                yield json.loads(found[0]).encode(errors="surrogatepass")


def _table(data):
    from pyarrow import parquet

    return json.dumps(parquet.read_table(io.BytesIO(data)).to_pylist(), default=str, ensure_ascii=False).encode()
