"""What the policies of a bucket and of a key let CloudTrail, or another service that writes logs, do for a trail.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

import json
from dataclasses import dataclass

from twin.semantics.iam import Policies, PolicyError, Request, compile_policy, decide

SERVICE = "cloudtrail.amazonaws.com"
Document = str | bytes | None


@dataclass(frozen=True, slots=True)
class Writer:
    """A service at work for one source of logs: CloudTrail for a trail."""

    trail_arn: str
    account: str
    service: str = SERVICE

    def may(self, action: str, resource: str, policy: Document, **facts: str) -> bool:
        """Tell whether a resource's policy, which alone lets a service of AWS in, allows an action."""
        context = {
            "aws:SourceArn": self.trail_arn,
            "aws:SourceAccount": self.account,
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": self.service,
            **facts,
        }
        try:
            compiled = compile_policy(json.loads(policy or "null"), "resource")
        except (ValueError, PolicyError):
            return False
        asked = Request(self.service, action, resource, self.account, context)
        return decide(asked, Policies(resource=compiled)).allowed

    def may_put(self, bucket: str, key: str, policy: Document) -> bool:
        """Tell whether a log file may be put into a bucket."""
        owner = {"s3:x-amz-acl": "bucket-owner-full-control"}
        return self.may("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}", policy, **owner)

    def may_look(self, bucket: str, policy: Document) -> bool:
        """Tell whether a bucket's ACL may be read."""
        return self.may("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}", policy)

    def may_encrypt(self, key_arn: str, policy: Document) -> bool:
        """Tell whether a key may encrypt the log files."""
        about = {"kms:EncryptionContext:aws:cloudtrail:arn": self.trail_arn}
        return self.may("kms:GenerateDataKey", key_arn, policy, **about)
