"""What EC2 refuses for the state that an instance is in."""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
STARTS = {"stopped", "pending", "running"}
ENDED = {"shutting-down", "terminated"}


@refuses("ec2", "StartInstances")
def can_be_started(asked: Asked) -> None:
    """Only a stopped instance starts; one that runs already is no mistake."""
    for instance in _named(asked):
        if instance.state not in STARTS:
            raise _refusal(instance, "started")


@refuses("ec2", "StopInstances", "RebootInstances")
def can_be_stopped(asked: Asked) -> None:
    """An instance that has ended is neither stopped nor rebooted."""
    for instance in _named(asked):
        if instance.state in ENDED:
            raise _refusal(instance, "stopped" if asked.call.operation == "StopInstances" else "rebooted")


def _named(asked: Asked) -> list[Any]:
    wanted = set(asked.parameters.get("InstanceIds", ()))
    return [instance for instance in asked.state().all_instances() if instance.id in wanted]


def _refusal(instance: Any, done: str) -> Refusal:
    return Refusal(
        "IncorrectInstanceState", f"The instance '{instance.id}' is not in a state from which it can be {done}."
    )
