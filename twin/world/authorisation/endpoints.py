"""VPC endpoints through which a call comes: their policies, and what they tell of the network."""

from typing import Any

from twin.semantics.iam import Policy
from twin.world.authorisation.ask import Context
from twin.world.authorisation.documents import read
from twin.world.aws_errors import AwsError
from twin.world.stores.moto_store import backends


def endpoint_named(name: str) -> tuple[Policy, ...]:
    """Return the policy of an endpoint; one that is not there is refused, for the call could not have come."""
    kept = _find(name)
    if kept is None:
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{name}' does not exist", 400)
    return (read(kept.policy_document, "vpc_endpoint").policy,)


def endpoint_facts(name: str) -> Context:
    """Return the condition keys of a call through an endpoint.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sts_vpc_condition_keys_federated.html
    """
    kept = _find(name)
    if kept is None:
        return {}
    backend = kept.ec2_backend
    vpc = f"arn:aws:ec2:{backend.region_name}:{backend.account_id}:vpc/{kept.vpc_id}"
    return {"aws:SourceVpce": name, "aws:SourceVpc": kept.vpc_id, "aws:SourceVpcArn": vpc}


def _find(name: str) -> Any:
    found = (
        kept
        for account in backends("ec2").values()
        for backend in account.values()
        if (kept := backend.vpc_end_points.get(name)) is not None
    )
    return next(found, None)
