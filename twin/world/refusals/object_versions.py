"""What S3 says of a delete marker: it is no object, and its reader is told so.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
"""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, bucket_of

MARKED = {"x-amz-delete-marker": "true"}


@refuses("s3", "GetObject")
def marker_is_no_object(asked: Asked) -> None:
    """Without a version an object under a marker is absent; the marker itself can only be deleted."""
    name, key, version = addressed(asked)
    marker = marker_of(name, key, version)
    if marker is None:
        return
    told = MARKED | {"x-amz-version-id": str(marker.version_id)}
    if version is None:
        raise Refusal("NoSuchKey", "The specified key does not exist.", 404, told)
    message = "The specified method is not allowed against this resource."
    raise Refusal("MethodNotAllowed", message, 405, told | {"Allow": "DELETE"})


def marker_of(name: str, key: str, version: str | None) -> Any:
    """Return the delete marker that a key or a version names; None where it names an object or nothing."""
    bucket = bucket_of(name)
    if bucket is None or bucket.versioning_status is None:
        return None
    versions = bucket.keys.getlist(key, [])
    named = versions[-1:] if version is None else [each for each in versions if str(each.version_id) == version]
    return named[0] if named and not hasattr(named[0], "size") else None


@refuses("s3", "PutBucketVersioning")
def mfa_delete(asked: Asked) -> None:
    """MFA Delete is set by the root user with a code; the twin does not keep it, so it does not pretend to."""
    wanted = (asked.parameters.get("VersioningConfiguration") or {}).get("MFADelete")
    if wanted != "Enabled":
        return
    if asked.call.principal.kind != "root" or "x-amz-mfa" not in asked.headers:
        raise Refusal("AccessDenied", "Mfa Authentication must be used for this request", 403)
    raise Refusal("TwinUnsupportedOperation", "The twin does not implement MFA Delete (s3:PutBucketVersioning).")


@refuses("s3", "PutBucketVersioning")
def locked_bucket_keeps_versions(asked: Asked) -> None:
    """Object lock needs versions."""
    given = asked.parameters
    bucket = bucket_of(given["Bucket"])
    suspends = (given.get("VersioningConfiguration") or {}).get("Status") == "Suspended"
    if bucket is not None and suspends and bucket.object_lock_enabled:
        message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        raise Refusal("InvalidBucketState", message, 409)
