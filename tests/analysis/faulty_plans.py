"""Faults planted in plans, each beside the plan without it."""

from faulty_channels import CHANNELS
from faulty_statements import STATEMENTS, WRITE, bucket, queue, user
from plans import deny, when

__all__ = ["CASES", "WRITE", "user"]


def listener(**fields):
    """A listener of a load balancer that faces the Internet."""
    balancer = {"name": "lb", "subnets": ["subnet-0123456789abcdef0"], "security_groups": ["sg-0123456789abcdef0"]}
    one = {"load_balancer": "${aws.elbv2.load_balancer.lb.arn}", "port": 80, **fields}
    return {"aws.elbv2.load_balancer": {"lb": {**balancer, "internal": False}}, "aws.elbv2.listener": {"it": one}}


def template(**volume):
    """A launch template with one disk."""
    one = {"name": "it", "image": "ami-1", "instance_type": "t3.small", "security_groups": ["sg-0123456789abcdef0"]}
    return {"aws.ec2.launch_template": {"it": {**one, "volume": {"device": "/dev/xvda", "size": 8, **volume}}}}


def database(**fields):
    """A database."""
    one = {
        "name": "it", "engine": "postgres", "engine_version": "16.9", "instance_class": "db.t4g.micro",
        "allocated_storage": 20, "subnet_group": "g", "security_groups": ["sg-0123456789abcdef0"], "username": "app",
    }  # fmt: skip
    return {"aws.rds.instance": {"it": {**one, **fields}}}


# By name: the proof, the bad variant, the rule and level that it gives, the good variant.
CASES = {
    **CHANNELS,
    **STATEMENTS,
    "bucket without TLS": (
        "in_transit",
        bucket(),
        ("TW1011", "warning"),
        bucket(
            deny(
                "s3:*",
                ["arn:aws:s3:::acme-it", "arn:aws:s3:::acme-it/*"],
                Principal="*",
                **when("Bool", "aws:SecureTransport", "false"),
            )
        ),
    ),
    "objects without TLS": (
        "in_transit",
        bucket(deny("s3:*", "arn:aws:s3:::acme-it", Principal="*", **when("Bool", "aws:SecureTransport", "false"))),
        ("TW1011", "warning"),
        queue(),
    ),
    "listener in the clear": (
        "in_transit",
        listener(protocol="HTTP", fixed_response={"status": "200"}),
        ("TW1012", "warning"),
        listener(protocol="HTTP", redirect={"protocol": "HTTPS", "port": "443"}),
    ),
    "disks in the clear": ("at_rest", template(encrypted=False), ("TW1013", "error"), template(encrypted=True)),
    "database in the clear": (
        "at_rest",
        database(storage_encrypted=False),
        ("TW1013", "error"),
        database(storage_encrypted=True),
    ),
}
