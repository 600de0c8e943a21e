"""What EC2 refuses about the service that a VPC endpoint leads to.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
"""

from functools import cache

from botocore.session import get_session

from twin.aws_data import LOADER
from twin.world.refusals import Asked, Refusal, refuses

OF_REGION, OF_CUSTOMERS, GLOBAL = "com.amazonaws.", "com.amazonaws.vpce.", "com.amazonaws.s3-global.accesspoint"
OTHER_OWNERS = ("aws.api.", "aws.sagemaker.")
# Services whose endpoints are named otherwise than their API.
BESIDES = frozenset({
    "appmesh-envoy-management", "aps-workspaces", "awsconnector", "codedeploy-commands-secure", "ec2messages",
    "ecs-agent", "ecs-telemetry", "email-smtp", "evidently", "execute-api", "git-codecommit", "guardduty-data",
    "kinesis-firehose", "kinesis-streams", "notebook", "profiler", "quicksight-website", "refactor-spaces",
    "rum-dataplane", "s3express", "ssmmessages", "studio", "sync-states",
})  # fmt: skip


@refuses("ec2", "CreateVpcEndpoint")
def service_of_an_endpoint(asked: Asked) -> None:
    """A service is one of AWS's in the Region that is meant, or one that a customer offers."""
    name = str(asked.parameters.get("ServiceName") or "")
    if name and not _is_offered(asked, name):
        raise Refusal("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")


def _is_offered(asked: Asked, name: str) -> bool:
    if name == GLOBAL or name.startswith(OTHER_OWNERS):
        return True
    if name.startswith(OF_CUSTOMERS):
        return _is_customers(name)
    region = asked.parameters.get("ServiceRegion") or asked.call.region
    service = name.removeprefix(f"{OF_REGION}{region}.").partition(".")[0]
    return name.startswith(f"{OF_REGION}{region}.") and service.removesuffix("-fips") in _services()


def _is_customers(name: str) -> bool:
    from twin.world.stores.moto_store import backends

    kept = (region for account in backends("ec2").values() for region in account.values())
    return any(one.service_name == name for state in kept for one in state.configurations.values())


@cache
def _services() -> frozenset[str]:
    """Return the names of AWS's services, those of their endpoints among them."""
    known = LOADER.load_data("endpoints")["partitions"][0]["services"]
    return frozenset((*known, *get_session().get_available_services())) | BESIDES
