"""Where the state is kept: on the machine that applies, or in S3 for a team."""

from typing import Annotated

from twin.spec.model.form import Form, refusal
from twin.spec.model.region import Region
from twin.spec.model.section import Section
from twin.spec.model.values import AccountId, Text


def bucket_name(text: str) -> str:
    """Read the name of a bucket."""
    if not 3 <= len(text) <= 63 or not all(c.isascii() and (c.isalnum() or c in ".-") for c in text):
        raise refusal("TW0214", f"`{text}` is not the name of a bucket", "write 3 to 63 letters, digits, - and .")
    return text


def object_key(text: str) -> str:
    """Read the key under which states are kept; a pattern in it would be taken as it stands, so it is refused."""
    if not text.strip("/") or any(c in text for c in "${}"):
        raise refusal("TW0214", f"`{text}` is not a key", "write a plain path such as twin/acme; nothing is filled in")
    return text.strip("/")


class S3State(Section):
    """A bucket that keeps the states of a team and their locks; each org and environment has its own below the key."""

    bucket: Annotated[str, Form(bucket_name, {"pattern": "^[A-Za-z0-9.-]{3,63}$"})]
    """The bucket, which must keep versions."""
    key: Annotated[str, Form(object_key, {})] = "twin"
    """The path below which the states stand."""
    region: Region | None = None
    """The bucket's region; the account's without it."""
    kms_key: Text | None = None
    """The KMS key that encrypts the states; S3's own key without it."""
    account: AccountId | None = None
    """The account whose bucket it must be; the spec's own without it."""


class State(Section):
    """Where the state of the real accounts is kept."""

    s3: S3State | None = None
    """In S3, for everybody who applies; without it in `.twin` on the machine that applies."""
