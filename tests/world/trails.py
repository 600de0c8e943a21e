"""A trail in the world of a test, and what its bucket holds."""

import gzip
import json

ACCOUNT = "123456789012"
ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"


def bucket_policy(bucket="logs", **condition):
    """Return the policy that CloudTrail's guide gives for a trail's bucket."""
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    condition = {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": ARN} | condition
    put = {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*", "Condition": {"StringEquals": condition}}
    acl = {"Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}"}
    return json.dumps({"Version": "2012-10-17", "Statement": [service | acl, service | put]})


def key_policy(other=ARN):
    """Return the policy that CloudTrail's guide gives for a trail's key."""
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    encrypt = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:GenerateDataKey*", "Resource": "*", "Condition": {
            "StringEquals": {"aws:SourceArn": other},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
        }}  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [root, encrypt]})


def make_trail(clients, **settings):
    """Make a bucket and a trail that logs; return the trail's client."""
    s3, trails = clients("s3"), clients("cloudtrail")
    s3.create_bucket(Bucket="logs")
    s3.put_bucket_policy(Bucket="logs", Policy=bucket_policy())
    trails.create_trail(Name="main", S3BucketName="logs", **settings)
    trails.start_logging(Name="main")
    return trails


def keys(clients, prefix="AWSLogs/"):
    """Return the keys of the log files."""
    return [o["Key"] for o in clients("s3").list_objects_v2(Bucket="logs", Prefix=prefix).get("Contents", ())]


def delivered(clients, prefix="AWSLogs/"):
    """Return every event in the bucket."""
    s3 = clients("s3")
    bodies = [s3.get_object(Bucket="logs", Key=key)["Body"].read() for key in keys(clients, prefix)]
    return [record for body in bodies for record in json.loads(gzip.decompress(body))["Records"]]


def names(events):
    """Return the names of events."""
    return [event["eventName"] for event in events]
