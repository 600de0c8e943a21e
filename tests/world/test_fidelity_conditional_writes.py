"""S3: a write on a condition takes effect only where the condition holds, whichever call writes."""

import pytest
from refused import refusal

BUCKET = {"Bucket": "b-1"}
FAILED = ("PreconditionFailed", 412)


@pytest.fixture
def s3(clients):
    """S3 of the world, with a bucket and one object."""
    client = clients("s3")
    client.create_bucket(**BUCKET)
    client.put_object(**BUCKET, Key="k", Body=b"1")
    return client


def put(s3, key, **condition):
    """Return a call that writes an object in one go."""
    return s3.put_object, {**BUCKET, "Key": key, "Body": b"2", **condition}


def copied(s3, key, **condition):
    """Return a call that copies onto an object."""
    s3.put_object(**BUCKET, Key="source", Body=b"2")
    return s3.copy_object, {**BUCKET, "Key": key, "CopySource": "b-1/source", **condition}


def completed(s3, key, **condition):
    """Return a call that ends an upload in parts."""
    upload = {**BUCKET, "Key": key, "UploadId": s3.create_multipart_upload(**BUCKET, Key=key)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"2")["ETag"]
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part}]}}
    return s3.complete_multipart_upload, {**upload, **parts, **condition}


def body(s3, key):
    """Return what an object holds."""
    return s3.get_object(**BUCKET, Key=key)["Body"].read()


WAYS = pytest.mark.parametrize("way", [put, copied, completed])


@WAYS
def test_what_must_be_absent_is_not_overwritten(s3, way):
    """412 where it is there, done where it is not; a delete marker is absence."""
    call, asked = way(s3, "k", IfNoneMatch="*")
    assert refusal(call, **asked) == FAILED
    assert body(s3, "k") == b"1"
    s3.put_bucket_versioning(**BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_object(**BUCKET, Key="k")
    call, asked = way(s3, "k", IfNoneMatch="*")
    call(**asked)
    assert body(s3, "k") == b"2"


@WAYS
def test_what_changed_meanwhile_is_not_overwritten(s3, way):
    """412 with an old ETag, 404 with one of nothing, done with the right one."""
    etag = s3.head_object(**BUCKET, Key="k")["ETag"]
    call, asked = way(s3, "k", IfMatch='"0000"')
    assert refusal(call, **asked) == FAILED
    call, asked = way(s3, "none", IfMatch=etag)
    assert refusal(call, **asked) == ("NoSuchKey", 404)
    assert body(s3, "k") == b"1"
    call, asked = way(s3, "k", IfMatch=etag)
    call(**asked)
    assert body(s3, "k") == b"2"


@WAYS
def test_an_etag_that_must_not_be_there_is_not_implemented(s3, way):
    """`If-None-Match` takes a star alone."""
    call, asked = way(s3, "new", IfNoneMatch='"0000"')
    assert refusal(call, **asked) == ("NotImplemented", 501)
