"""How AWS phrases the refusal of bad credentials, which differs by service and protocol."""

from typing import Literal

from twin.world.aws_errors import AwsError, Protocol

Flaw = Literal["unknown", "token", "expired", "mismatch", "incomplete", "missing"]
Family = Literal["s3", "ec2", "query", "json", "rest-json"]

INVALID = "The security token included in the request is invalid."
EC2_INVALID = "AWS was not able to validate the provided access credentials"
EXPIRED = "The security token included in the request is expired"

FORMS: dict[Family, dict[Flaw, tuple[str, int, str]]] = {
    "s3": {
        "unknown": ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        "token": ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        "expired": ("ExpiredToken", 400, "The provided token has expired."),
        "mismatch": ("SignatureDoesNotMatch", 403, ""),
        "incomplete": ("AuthorizationHeaderMalformed", 400, ""),
        "missing": ("AccessDenied", 403, "Access Denied"),
    },
    "ec2": {
        "unknown": ("AuthFailure", 401, EC2_INVALID),
        "token": ("AuthFailure", 401, EC2_INVALID),
        "expired": ("RequestExpired", 400, "Request has expired."),
        "mismatch": ("AuthFailure", 401, EC2_INVALID),
        "incomplete": ("IncompleteSignature", 400, ""),
        "missing": ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
    },
    "query": {
        "unknown": ("InvalidClientTokenId", 403, INVALID),
        "token": ("InvalidClientTokenId", 403, INVALID),
        "expired": ("ExpiredToken", 403, EXPIRED),
        "mismatch": ("SignatureDoesNotMatch", 403, ""),
        "incomplete": ("IncompleteSignature", 400, ""),
        "missing": ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
    },
    "json": {
        "unknown": ("UnrecognizedClientException", 400, INVALID),
        "token": ("UnrecognizedClientException", 400, INVALID),
        "expired": ("ExpiredTokenException", 400, EXPIRED),
        "mismatch": ("InvalidSignatureException", 400, ""),
        "incomplete": ("IncompleteSignatureException", 400, ""),
        "missing": ("MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
    },
    "rest-json": {
        "unknown": ("UnrecognizedClientException", 403, INVALID),
        "token": ("UnrecognizedClientException", 403, INVALID),
        "expired": ("ExpiredTokenException", 403, EXPIRED),
        "mismatch": ("InvalidSignatureException", 403, ""),
        "incomplete": ("IncompleteSignatureException", 400, ""),
        "missing": ("MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
    },
}
FAMILIES: dict[Protocol, Family] = {"rest-xml": "query", "cbor": "json"}
SIGNATURE_FLAWS: dict[str, Flaw] = {"SignatureDoesNotMatch": "mismatch", "IncompleteSignature": "incomplete"}


def credential_error(flaw: Flaw, protocol: Protocol, message: str = "") -> AwsError:
    """Return the refusal of bad credentials as the services of a protocol phrase it."""
    family: Family = FAMILIES.get(protocol, protocol)  # type: ignore[arg-type]
    code, status, text = FORMS[family][flaw]
    return AwsError(code, text or message, status)


def phrased(error: AwsError, protocol: Protocol) -> AwsError:
    """Return a signature error in the words of a protocol; any other error as it is."""
    flaw = SIGNATURE_FLAWS.get(error.code)
    return credential_error(flaw, protocol, error.message) if flaw else error
