"""SQS keeps the name of a deleted queue for a minute.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""

from datetime import datetime, timedelta
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows
from twin.world.delays import delay
from twin.world.scene import Scene

MEMORY = "sqs.deleted"
CODE = "AWS.SimpleQueueService.QueueDeletedRecently"
MESSAGE = "You must wait 60 seconds after deleting a queue before you can create another with the same name."


@follows("sqs", "DeleteQueue")
def deleted(done: Done, scene: Scene) -> None:
    """Note when a queue went; what is over a minute ago is forgotten."""
    now = scene.now()
    kept = {place: until for place, until in _kept(scene).items() if until > now}
    name = str(done.parameters["QueueUrl"]).rpartition("/")[2]
    until = now + timedelta(seconds=delay("sqs_deletion.name_is_kept").least)
    scene.memory[MEMORY] = kept | {(done.call.account, done.call.region, name): until}


@answers("sqs", "CreateQueue")
def created(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Refuse the name of a queue that went less than a minute ago."""
    until = _kept(scene).get((asked.call.account, asked.call.region, asked.parameters.get("QueueName", "")))
    if until is None or until <= scene.now():
        return None
    if asked.call.protocol == "query":
        raise AwsError(CODE, MESSAGE)
    raise AwsError("QueueDeletedRecently", MESSAGE, headers={"x-amzn-query-error": f"{CODE};Sender"})


def _kept(scene: Scene) -> dict[tuple[str, str, str], datetime]:
    found: dict[tuple[str, str, str], datetime] = scene.memory.get(MEMORY, {})
    return found
