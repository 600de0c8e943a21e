"""The network interface of an ECS task goes with the task.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html: an interface is there for as
long as its task, and is deleted when the task stops. The store makes it, and keeps it.
"""

from twin.world.aws_call import Done
from twin.world.behaviors import follows
from twin.world.scene import Scene


@follows("ecs", "StopTask", "DescribeTasks")
def stopped(done: Done, scene: Scene) -> None:
    """Delete the interfaces of tasks that have stopped."""
    interfaces = done.state("ec2").enis
    for tasks in done.state().tasks.values():
        for task in tasks.values():
            if task.last_status == "STOPPED":
                for attached in task.attachments:
                    told = {each["name"]: each["value"] for each in attached["details"]}
                    interfaces.pop(told.get("networkInterfaceId"), None)
                    attached["status"] = "DELETED"
