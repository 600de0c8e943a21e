"""What a bucket that receives logs lets their services do; each only for this account's own sources."""

from collections.abc import Iterator

from twin.blueprints.blueprint import Blueprint
from twin.blueprints.documents import Statement, allow
from twin.blueprints.names import bucket_arn, trail_arn

FULL_CONTROL = {"s3:x-amz-acl": "bucket-owner-full-control"}


def deliveries(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    """Yield the statements of a bucket's policy for the services that the spec makes write into it."""
    org, arn = blueprint.org, bucket_arn(blueprint, key)
    if org.audit.trail and org.audit.trail.bucket == key:
        yield from _trail(blueprint, arn)
    if org.audit.config and org.audit.config.bucket == key:
        yield from _config(blueprint, arn)
    if org.compute.alb and org.compute.alb.access_logs == key:
        yield _load_balancer(blueprint, arn)
    sources = [bucket_arn(blueprint, name) for name, bucket in org.data.buckets.items() if bucket.logging == key]
    if sources:
        ours = {"ArnLike": {"aws:SourceArn": sources}, "StringEquals": {"aws:SourceAccount": blueprint.scope.account}}
        logging = {"Service": "logging.s3.amazonaws.com"}
        yield allow("s3:PutObject", f"{arn}/s3/*", sid="AccessLogs", to=logging, when=ours)


def _trail(blueprint: Blueprint, arn: str) -> Iterator[Statement]:
    service, source = {"Service": "cloudtrail.amazonaws.com"}, {"aws:SourceArn": trail_arn(blueprint)}
    yield allow("s3:GetBucketAcl", arn, sid="TrailChecks", to=service, when={"StringEquals": source})
    folder = f"{arn}/AWSLogs/{blueprint.scope.account}/*"
    writing = {"StringEquals": {**FULL_CONTROL, **source}}
    yield allow("s3:PutObject", folder, sid="TrailWrites", to=service, when=writing)


def _config(blueprint: Blueprint, arn: str) -> Iterator[Statement]:
    service, ours = {"Service": "config.amazonaws.com"}, {"aws:SourceAccount": blueprint.scope.account}
    checks = ("s3:GetBucketAcl", "s3:ListBucket")
    yield allow(checks, arn, sid="ConfigChecks", to=service, when={"StringEquals": ours})
    folder = f"{arn}/AWSLogs/{blueprint.scope.account}/Config/*"
    yield allow("s3:PutObject", folder, sid="ConfigWrites", to=service, when={"StringEquals": {**FULL_CONTROL, **ours}})


def _load_balancer(blueprint: Blueprint, arn: str) -> Statement:
    service = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    balancers = {"ArnLike": {"aws:SourceArn": blueprint.scope.arn("elasticloadbalancing", "loadbalancer/*")}}
    folder = f"{arn}/alb/AWSLogs/{blueprint.scope.account}/*"
    return allow("s3:PutObject", folder, sid="LoadBalancerWrites", to=service, when=balancers)
