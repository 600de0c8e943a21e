"""What AWS refuses about names and numbers that moto takes: buckets, aliases, waiting periods, instance types."""

import re

from twin.world.refusals import Asked, Refusal, refuses

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BUCKET = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(\.\.|\.-|-\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
# https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
SHORTEST_DAYS, LONGEST_DAYS = 7, 30


@refuses("s3", "CreateBucket")
def bucket_name(asked: Asked) -> None:
    """A bucket's name is one that DNS takes."""
    name = str(asked.parameters.get("Bucket", ""))
    if not BUCKET.fullmatch(name) or ADDRESS.fullmatch(name) or name.endswith(SUFFIXES):
        raise Refusal("InvalidBucketName", "The specified bucket is not valid.")


@refuses("kms", "CreateAlias", "UpdateAlias", "DeleteAlias")
def alias_of_aws(asked: Asked) -> None:
    """Aliases under alias/aws/ are AWS's own."""
    if str(asked.parameters.get("AliasName", "")).startswith("alias/aws/"):
        raise Refusal("NotAuthorizedException", "")


@refuses("kms", "ScheduleKeyDeletion")
def waiting_period(asked: Asked) -> None:
    """A key waits 7 to 30 days before it is deleted."""
    days = asked.parameters.get("PendingWindowInDays")
    if days is not None and not SHORTEST_DAYS <= int(days) <= LONGEST_DAYS:
        bound = f"greater than or equal to {SHORTEST_DAYS}" if int(days) < SHORTEST_DAYS else "less than or equal to 30"
        raise Refusal(
            "ValidationException",
            f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )


@refuses("ec2", "RunInstances")
def instance_type_exists(asked: Asked) -> None:
    """An instance type is one that EC2 has."""
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    wanted = asked.parameters.get("InstanceType")
    if wanted is not None and wanted not in INSTANCE_TYPES:
        raise Refusal("InvalidParameterValue", f"Invalid value '{wanted}' for InstanceType.")


@refuses("elbv2", "CreateLoadBalancer")
def load_balancer_name(asked: Asked) -> None:
    """A name is taken once; the same load balancer again is answered, another of that name is refused."""
    wanted = asked.parameters
    for balancer in asked.state().load_balancers.values():
        same = (wanted.get("Type") or "application", wanted.get("Scheme") or "internet-facing")
        if balancer.name == wanted["Name"] and (balancer.type, balancer.scheme) != same:
            raise Refusal(
                "DuplicateLoadBalancerName",
                f"A load balancer with the same name '{balancer.name}' exists, but with different settings",
            )
