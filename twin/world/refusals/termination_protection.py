"""EC2 does not terminate an instance under termination protection, however it came by it.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
"""

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.refusals import refuses


@refuses("ec2", "TerminateInstances")
def terminate_protected(asked: Asked) -> None:
    """Refuse a caller to terminate instances of which one is protected; Auto Scaling may, as at AWS."""
    if asked.call.principal.kind == "service":
        return
    backend = asked.state()
    for id_ in asked.parameters.get("InstanceIds", ()):
        instance = backend.get_instance_by_id(id_)
        if instance is not None and str(instance.disable_api_termination).lower() == "true":
            message = (
                f"The instance '{id_}' may not be terminated. Modify its 'disableApiTermination' instance attribute "
                "and try again."
            )
            raise AwsError("OperationNotPermitted", message, 400)
