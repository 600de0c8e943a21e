"""AWS Signature Version 4 as a server sees it: what a request claims, and whether its signature holds.

The age of a request is `request_age.py`'s. The chunk signatures inside a STREAMING-AWS4-HMAC-SHA256-PAYLOAD body are
not judged; the seed signature over its headers is. URLs that S3's clients presign may carry
version 2 instead: `sigv2.py`.
"""

import hashlib
import hmac
import re
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.aws_errors import AwsError
from twin.world.equal import same

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
SPACES = re.compile(r"\s+")
WHOLE = re.compile(rf"{ALGORITHM} Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([^,\s]+)")
PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
Form = Literal["header", "query", "query-v2"]
FORM = "%Y%m%dT%H%M%SZ"


class Signature(NamedTuple):
    """What a signed request claims about itself; `headers` has every header as it is signed."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    digest: str
    timestamp: str
    session_token: str | None
    form: Form
    headers: dict[str, str]
    expires: str | None = None

    @property
    def scope(self) -> str:
        """The credential scope, as it enters the string to sign."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read_signature(request: Request) -> Signature | None:
    """Read the signature of a request; None when it has none, IncompleteSignature when it is broken."""
    header = request.headers.get("Authorization", "")
    if header.startswith(ALGORITHM + " "):
        return _from_header(request, header)
    if "X-Amz-Algorithm=" in request.url:
        return _from_query(request)
    if header.startswith(("AWS ", "AWS4-ECDSA-P256-SHA256")):
        raise AwsError(
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        )
    return None


def _from_header(request: Request, header: str) -> Signature:
    headers = signed_values(request.headers)
    whole = WHOLE.fullmatch(header)
    credential, signed, digest = whole.groups() if whole else _claims(header)
    timestamp = headers.get("x-amz-date") or headers.get("date", "")
    if not timestamp:
        raise AwsError(
            "IncompleteSignature",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    token = headers.get("x-amz-security-token")
    return Signature(*_scope(credential), _names(signed), digest, timestamp, token, "header", headers)


def _claims(header: str) -> tuple[str, str, str]:
    parts = dict(PART.findall(header))
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if name not in parts]
    if missing:
        wanted = " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        raise AwsError("IncompleteSignature", f"{wanted} Authorization={ALGORITHM}")
    return parts["Credential"], parts["SignedHeaders"], parts["Signature"]


def _from_query(request: Request) -> Signature:
    query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    if query.get("X-Amz-Algorithm") != ALGORITHM:
        raise AwsError("IncompleteSignature", f"Unsupported AWS 'algorithm': {query.get('X-Amz-Algorithm')!r}.")
    if not {"X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date"} <= query.keys():
        raise AwsError("IncompleteSignature", "Query-string authentication requires the Signature, X-Amz-Credential, "
                       "X-Amz-SignedHeaders and X-Amz-Date parameters.")  # fmt: skip
    scope, signed = _scope(query["X-Amz-Credential"]), _names(query["X-Amz-SignedHeaders"])
    digest, timestamp, token = query["X-Amz-Signature"], query["X-Amz-Date"], query.get("X-Amz-Security-Token")
    return Signature(*scope, signed, digest, timestamp, token, "query", signed_values(request.headers),
                     query.get("X-Amz-Expires"))  # fmt: skip


@lru_cache(1024)
def _scope(credential: str) -> tuple[str, str, str, str]:
    """Take a credential apart into key, date, Region and service."""
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise AwsError("IncompleteSignature", "Credential must have exactly 5 slash-delimited elements, e.g. "
                       f"keyid/date/region/service/term, got '{credential}'.")  # fmt: skip
    key, date, region, service, _ = parts
    return key, date, region, service.lower()


@lru_cache(1024)
def _names(signed: str) -> tuple[str, ...]:
    return tuple(signed.lower().split(";"))


def verify(request: Request, signature: Signature, secret: str) -> None:
    """Accept a request whose signature and payload hash are true; raise AwsError otherwise."""
    payload = _payload_hash(request, signature)
    canonical = canonical_request(request, signature, payload)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{signature.timestamp}\n{signature.scope}\n{digest}"
    key = _signing_key(secret, signature.date, signature.region, signature.service)
    expected = hmac.digest(key, text.encode(), "sha256").hex()
    if not same(expected, signature.digest):
        raise mismatch()


def mismatch() -> AwsError:
    """Return the refusal of a signature that is not the one the secret makes."""
    return AwsError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details.",
        403,
    )


def _payload_hash(request: Request, signature: Signature) -> str:
    claimed = signature.headers.get("x-amz-content-sha256")
    if claimed is None and signature.form == "query" and signature.service == "s3":
        return UNSIGNED_PAYLOAD
    if claimed is not None and not HEX_DIGEST.fullmatch(claimed):
        return claimed
    actual = hashlib.sha256(request.body).hexdigest()
    if claimed is None or claimed == actual:
        return actual
    if signature.service == "s3":
        raise AwsError(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    raise mismatch()


def canonical_request(request: Request, signature: Signature, payload: str) -> str:
    """Return the text whose hash is signed."""
    parts = urlsplit(request.url)
    path = parts.path or "/"
    # S3 signs the path as it is sent; every other service signs it normalised and encoded once more.
    uri = path if path == "/" or signature.service == "s3" else quote(_normalise(path), safe="/~")
    values = signature.headers
    if "host" not in values:
        own = parts.netloc.rpartition("@")[2].removesuffix(DEFAULT_PORTS.get(parts.scheme, "\0"))
        values = values | {"host": own}
    lines = "".join([f"{name}:{values.get(name, '')}\n" for name in signature.signed_headers])
    names = ";".join(signature.signed_headers)
    return f"{request.method}\n{uri}\n{_canonical_query(parts.query)}\n{lines}\n{names}\n{payload}"


def _canonical_query(query: str) -> str:
    if not query:
        return ""
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name and name != "X-Amz-Signature":
            pairs.append((quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def signed_values(headers: Headers) -> dict[str, str]:
    """Return every header as it is signed, by its name in small letters; to look each up would take longer."""
    values: dict[str, str] = {}
    for name, sent in headers:
        key = name.lower()
        value = SPACES.sub(" ", sent.strip()) if "  " in sent or "\t" in sent else sent.strip()
        values[key] = f"{values[key]},{value}" if key in values else value
    return values


def _normalise(path: str) -> str:
    if "//" not in path and "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept[-1:] = []
        elif segment not in ("", "."):
            kept.append(segment)
    tail = "/" if path.endswith("/") and kept else ""
    return "/" + "/".join(kept) + tail


@lru_cache(maxsize=1024)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
