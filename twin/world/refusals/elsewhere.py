"""What is refused when some services are kept in a store that cannot reach the others: what would do nothing there.

LocalStack would take the ARN of a function that the embedded store keeps, and deliver to nobody.
"""

from typing import Any

from twin.world.aws_errors import AwsError
from twin.world.refusals import Asked, refuses
from twin.world.stores.elsewhere import ELSEWHERE

# The protocols of SNS whose endpoint is the ARN of a resource of another service.
BY_ARN = ("sqs", "lambda", "firehose")


@refuses("sns", "Subscribe")
def subscriber(asked: Asked) -> None:
    """A topic delivers to what is kept beside it."""
    if "sns" in ELSEWHERE and asked.parameters.get("Protocol") in BY_ARN:
        _reachable("sns", asked.parameters.get("Endpoint"))


@refuses("events", "PutTargets")
def target(asked: Asked) -> None:
    """A rule invokes what is kept beside it."""
    if "events" in ELSEWHERE:
        for each in asked.parameters.get("Targets") or ():
            _reachable("events", each.get("Arn"))


@refuses("events", "CreateConnection", "UpdateConnection")
def connection(asked: Asked) -> None:
    """A connection keeps what it is told in Secrets Manager, where everybody would look for it in vain."""
    if "events" in ELSEWHERE and "secretsmanager" not in ELSEWHERE:
        raise _unreachable("events", "secretsmanager")


def _reachable(service: str, arn: Any) -> None:
    parts = str(arn).split(":")
    if len(parts) > 2 and parts[0] == "arn" and parts[2] not in ELSEWHERE:
        raise _unreachable(service, parts[2])


def _unreachable(service: str, named: str) -> AwsError:
    return AwsError(
        "TwinUnsupportedOperation",
        f"The twin keeps {service} in another store, which does not reach {named} in the embedded one.",
    )
