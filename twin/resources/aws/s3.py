"""S3 buckets with everything that is configured at them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.kept_settings import keep, kept, own_tags
from twin.resources.aws.s3_calls import ALWAYS, GONE, PARTS, empty, read_parts, write_parts
from twin.resources.aws.s3_checks import bucket_problems
from twin.resources.aws.s3_lock import kept_by
from twin.resources.aws.s3_parts import Encryption, LifecycleRule, Logging, ObjectLock, PublicAccessBlock, Replication
from twin.resources.aws.tags import Tags, tags_of
from twin.resources.call import Refused, Steps, aws, together
from twin.resources.canonical import DOCUMENT
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags

FORCE = "force-destroy"


class Bucket(Resource):
    """A general purpose bucket.

    S3 has no batch read for what is configured at buckets: each part is one call, so they are read only of buckets
    that are ours, and of these only what the spec manages, besides versioning, public access and policy.
    """

    TYPE: ClassVar[str] = "aws.s3.bucket"
    KEY: ClassVar[tuple[str, ...]] = ("bucket",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "domain_name")

    bucket: Annotated[str, IMMUTABLE] = Field(description="The name, unique among all buckets of the partition")
    versioning: bool = Field(False, description="Whether former versions of objects are kept")
    encryption: Annotated[Encryption | None, RefTo("aws.kms.key")] = Field(None, description="The default encryption")
    public_access_block: PublicAccessBlock = Field(
        default_factory=PublicAccessBlock, description="What is blocked; everything unless said"
    )
    object_ownership: Literal["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] | None = Field(
        None, description="Who owns what others put; access control lists are off with BucketOwnerEnforced"
    )
    lifecycle: list[LifecycleRule] | None = Field(None, description="All lifecycle rules")
    policy: Annotated[dict[str, Any], DOCUMENT, RefTo("aws.iam.role", "aws.iam.user")] = Field(
        default_factory=dict, description="The bucket policy; empty is none"
    )
    logging: Annotated[Logging | None, RefTo("aws.s3.bucket")] = Field(None, description="The log of requests")
    replication: Annotated[Replication | None, RefTo("aws.s3.bucket", "aws.iam.role", "aws.kms.key")] = Field(
        None, description="The copying of new objects; needs versioning"
    )
    object_lock: ObjectLock | None = Field(
        None, description="The retention of new versions, once locked for ever; needs versioning"
    )
    force_destroy: bool = Field(False, description="Whether deletion of the bucket deletes its objects")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the list of buckets, whose they are, and what is configured at ours."""
        reply = yield aws("s3", "ListBuckets", {"BucketRegion": scope.region, "MaxBuckets": 1000}, pages=True)
        names = [item["Name"] for item in reply.get("Buckets") or ()]
        arns = {name: _arn(scope, name) for name in names}
        named = {name for name in names if name in wanted.ids or (name,) in wanted.keys}
        tags = yield from tags_of(scope, [arns[name] for name in sorted(named)], _read_tags)
        ours = [name for name in names if name in named or scope.own(tags.get(arns[name], {}))]
        managed = {name: wanted.managed.get((name,), frozenset(PARTS)) for name in ours if (name,) in wanted.keys}
        told = yield from together(read_parts(name, ALWAYS | managed.get(name, frozenset())) for name in ours)
        parts_of = dict(zip(ours, told, strict=True))
        found = []
        for name in names:
            mine = tags.get(arns[name], {})
            fields: dict[str, Any] = {"bucket": name}
            if (parts := parts_of.get(name)) is not None:
                force = kept(mine, FORCE, "False") == "True"
                fields |= {**parts, "tags": own_tags(mine), "force_destroy": force}
            found.append(Observed(name, fields, _outputs(scope, name), scope.own(mine), other=scope.other(mine)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the bucket, with the tags that say whose it is, and configure what differs from S3's defaults."""
        configuration: dict[str, Any] = {"Tags": self._tags(scope, address)}
        if scope.region != "us-east-1":
            configuration["LocationConstraint"] = scope.region
        params = {
            "Bucket": self.bucket,
            "CreateBucketConfiguration": configuration,
            "ObjectOwnership": self.object_ownership,
            "ObjectLockEnabledForBucket": True if self.object_lock else None,
        }
        yield aws("s3", "CreateBucket", params)
        unset = {"object_ownership"} | {n for n in ("versioning", "lifecycle", "policy") if not getattr(self, n)}
        if self.object_lock:  # such a bucket keeps versions from the start
            unset |= {"versioning"} if self.object_lock.mode else {"versioning", "object_lock"}
        yield from write_parts(self.bucket, self._parts(PARTS.keys() - unset))
        return _outputs(scope, self.bucket)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the parts that differ."""
        if changed & {"tags", "owner", "force_destroy"}:
            tagging = {"TagSet": self._tags(scope, address)}
            yield aws("s3", "PutBucketTagging", {"Bucket": observed.id, "Tagging": tagging})
        yield from write_parts(observed.id, self._parts(changed & PARTS.keys()))

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the bucket; with `force_destroy` its objects go first, but for those that its lock keeps."""
        if observed.fields.get("force_destroy"):
            yield from empty(observed.id)
        try:
            yield aws("s3", "DeleteBucket", {"Bucket": observed.id}, absent=GONE)
        except Refused as refused:
            lock = observed.fields.get("object_lock")
            if refused.code != "BucketNotEmpty" or not lock:
                raise
            raise Refused(refused.call, refused.code, kept_by(lock), status=refused.status) from None

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """Id and ARN are made of the name."""
        return _outputs(scope, self.bucket)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, each part, and what the parts and other buckets say of one another."""
        return bucket_problems(self, peers)

    def _parts(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def _tags(self, scope: Scope, address: Address) -> list[dict[str, str]]:
        return scope.tag_list(address, keep(self.tags, **{FORCE: True if self.force_destroy else None}))


def _arn(scope: Scope, name: str) -> str:
    return scope.arn("s3", name, region="", account="")


def _outputs(scope: Scope, name: str) -> dict[str, Any]:
    return {"id": name, "arn": _arn(scope, name), "domain_name": f"{name}.s3.{scope.region}.amazonaws.com"}


def _read_tags(arn: str) -> Steps[Tags]:
    params = {"Bucket": arn.rpartition(":")[2]}
    reply = yield aws("s3", "GetBucketTagging", params, absent=("NoSuchTagSet", *GONE))
    return plain_tags((reply or {}).get("TagSet"))
