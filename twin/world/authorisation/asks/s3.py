"""S3: objects by their keys and versions, buckets with what a list asks for, and the key of KMS behind an object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, unquote_plus, urlsplit

from twin.world.authorisation.ask import Ask, Asking, Context, asks_of
from twin.world.authorisation.buckets import OF_THE_OBJECT, object_owner
from twin.world.authorisation.keys_of_kms import key_ask
from twin.world.authorisation.locks import lock_context
from twin.world.authorisation.published import EXCEPTIONS
from twin.world.stores.moto_store import find_bucket

ACTIONS: dict[str, list[str]] = EXCEPTIONS["actions"]["s3"]
VERSIONED = {
    "GetObject", "GetObjectAcl", "GetObjectTagging", "GetObjectAttributes", "PutObjectAcl", "PutObjectTagging",
    "DeleteObject", "DeleteObjectTagging",
}  # fmt: skip
LISTS = {"ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"}
WRITES = {"PutObject", "CopyObject", "CreateMultipartUpload"}
CANNED = ("x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write",
          "x-amz-grant-write-acp")  # fmt: skip
HEADERS = {
    *CANNED, "x-amz-copy-source", "x-amz-metadata-directive", "x-amz-storage-class", "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-object-ownership", "x-amz-website-redirect-location", "x-amz-content-sha256",
}  # fmt: skip
# By a header of a write, what it needs besides.
ALSO = {
    "x-amz-tagging": "PutObjectTagging",
    "x-amz-object-lock-mode": "PutObjectRetention",
    "x-amz-object-lock-retain-until-date": "PutObjectRetention",
    "x-amz-object-lock-legal-hold": "PutObjectLegalHold",
    **dict.fromkeys(CANNED, "PutObjectAcl"),
}
KMS = ("aws:kms", "aws:kms:dsse")
BYPASS, BYPASSED = "x-amz-bypass-governance-retention", ("DeleteObject", "DeleteObjects", "PutObjectRetention")


@asks_of("s3")
def s3_asks(asking: Asking) -> list[Ask]:
    """Ask for the bucket or the objects of a call; its parameters are read from URL and headers, which is quicker."""
    call = asking.call
    operation = call.operation
    if not operation.isalnum():
        return []
    bucket, key, query = _named(call.url)
    if not bucket:
        return [Ask(f"s3:{ACTIONS.get(operation, [operation])[0]}")]
    place = _Place(asking, bucket, key, query=query)
    if place.kept is None and operation != "CreateBucket":
        # There is nothing to be allowed, and the store says so.
        return []
    bypassing = operation in BYPASSED and (_header(asking, BYPASS) or "").lower() == "true"
    if operation == "DeleteObjects":
        return [ask for key, version in _deleted(asking) for ask in place.deletes(key, version, bypassing=bypassing)]
    asks = [place.asks_for("BypassGovernanceRetention")] if bypassing else []
    asks += [place.asks_for(ACTIONS.get(operation, [operation])[0])]
    if operation == "GetObjectAttributes":
        asks.append(place.asks_for("GetObject"))
    if operation in WRITES:
        asks += [place.asks_for(action) for action in sorted({ALSO[name] for name in asking.headers.keys() & ALSO})]
        asks += place.written()
    if operation in ("CopyObject", "UploadPartCopy"):
        asks += _source(asking)
    if operation in ("GetObject", "HeadObject"):
        asks += place.read()
    return asks


@lru_cache(1024)
def _named(url: str) -> tuple[str, str, Mapping[str, str]]:
    """Return the bucket, the key and the query that a URL names."""
    parts = urlsplit(url)
    bucket, _, key = parts.path.lstrip("/").partition("/")
    return unquote(bucket), unquote(key), dict(parse_qsl(parts.query, keep_blank_values=True))


class _Place:
    """A bucket, and perhaps an object in it, as a call names it."""

    def __init__(self, asking: Asking, bucket: str, key: str, *, query: Mapping[str, str]) -> None:
        self.asking = asking
        self.key = key
        self.query = query
        self.bucket = bucket
        # Who makes a bucket asks for one of its own; that the name is taken the store says.
        self.kept: Any = find_bucket(bucket) if asking.call.operation != "CreateBucket" else None
        self.owner: str | None = self.kept.account_id if self.kept is not None else None
        self.version = query.get("versionId")

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}/{self.key}" if self.key else f"arn:aws:s3:::{self.bucket}"

    def asks_for(self, action: str) -> Ask:
        given = self.asking.headers
        context: Context = {f"s3:{name}": given[name] for name in given.keys() & HEADERS} | lock_context(self.asking)
        if self.version and action in VERSIONED:
            action = action.replace("Object", "ObjectVersion", 1)
            context["s3:VersionId"] = self.version
        if self.asking.call.operation in LISTS:
            context["s3:prefix"] = self.query.get("prefix", "")
            names = (("delimiter", "s3:delimiter"), ("max-keys", "s3:max-keys"))
            context |= {key: self.query[name] for name, key in names if name in self.query}
        if tags := parse_qs(given.get("x-amz-tagging", "")):
            context["s3:RequestObjectTagKeys"] = list(tags)
            context |= {f"s3:RequestObjectTag/{name}": values[0] for name, values in tags.items()}
        if self.asking.call.operation == "CreateBucket":
            context["s3:LocationConstraint"] = self.asking.call.region
        return Ask(f"s3:{action}", self.arn, self._decides(f"s3:{action}"), context)

    def _decides(self, action: str) -> str | None:
        """Return the account that decides: about what is in an object its owner does, who may be another."""
        if self.kept is None or not self.key or action not in OF_THE_OBJECT:
            return self.owner
        found = _version(self.kept, self.key, self.version) if self.version else self.kept.keys.get(self.key)
        return object_owner(self.kept, found) if found is not None else self.owner

    def deletes(self, key: str, version: str | None, *, bypassing: bool) -> Iterator[Ask]:
        action = "s3:DeleteObjectVersion" if version else "s3:DeleteObject"
        context: Context = {"s3:VersionId": version} if version else {}
        for name in (action, "s3:BypassGovernanceRetention") if bypassing else (action,):
            yield Ask(name, f"arn:aws:s3:::{self.bucket}/{key}", self.owner, context)

    def written(self) -> list[Ask]:
        """Ask for a data key where the object comes under a customer's key."""
        if self.kept is None:
            return []
        rule = ((self.kept.encryption or {}).get("Rule") or {}).get("ApplyServerSideEncryptionByDefault") or {}
        algorithm = _header(self.asking, "x-amz-server-side-encryption") or rule.get("SSEAlgorithm")
        key = _header(self.asking, "x-amz-server-side-encryption-aws-kms-key-id") or rule.get("KMSMasterKeyID")
        if algorithm not in KMS or not key:
            return []
        actions = ["kms:GenerateDataKey"]
        if self.asking.call.operation == "CreateMultipartUpload":
            actions.append("kms:Decrypt")
        return self._under(key, actions)

    def read(self) -> list[Ask]:
        """Ask for the object's key; and, where there is no object, whether the caller may know that."""
        if self.kept is None:
            return []
        found = self.kept.keys.get(self.key) if not self.version else _version(self.kept, self.key, self.version)
        if found is None:
            return [] if self.version else [Ask("s3:ListBucket", f"arn:aws:s3:::{self.bucket}", self.owner)]
        if getattr(found, "encryption", None) in KMS and found.kms_key_id:
            return self._under(found.kms_key_id, ["kms:Decrypt"])
        return []

    def _under(self, key: str, actions: list[str]) -> list[Ask]:
        region = self.kept.region_name
        place = self.arn if not _bucket_key(self.kept) else f"arn:aws:s3:::{self.bucket}"
        found = (
            key_ask(self.asking, key, action, via=f"s3.{region}.amazonaws.com", encryption={"aws:s3:arn": place})
            for action in actions
        )
        return [ask for ask in found if ask is not None]


def _source(asking: Asking) -> list[Ask]:
    named, _, query = (_header(asking, "x-amz-copy-source") or "").lstrip("/").partition("?")
    bucket, _, key = named.partition("/")
    version = parse_qs(query).get("versionId", [""])[0]
    place = _Place(asking, unquote_plus(bucket), unquote_plus(key), query={"versionId": version} if version else {})
    return [place.asks_for("GetObject"), *place.read()]


def _deleted(asking: Asking) -> list[tuple[str, str | None]]:
    listed = asking.parameters.get("Delete", {}).get("Objects", [])
    return [(each["Key"], each.get("VersionId")) for each in listed]


def spare(asking: Asking, arns: set[str]) -> None:
    """Leave objects out of a DeleteObjects, which answers for each object apart."""
    bucket = find_bucket(unquote(urlsplit(asking.call.url).path.lstrip("/").partition("/")[0]))
    if bucket is not None:
        bucket.spared = arns


def _version(bucket: Any, key: str, version: str) -> Any:
    return next((v for v in bucket.keys.getlist(key) if str(v.version_id) == version), None)


def _bucket_key(bucket: Any) -> bool:
    rule = (bucket.encryption or {}).get("Rule") or {}
    return str(rule.get("BucketKeyEnabled", "false")).lower() == "true"


def _header(asking: Asking, name: str) -> str | None:
    return asking.headers.get(name)
