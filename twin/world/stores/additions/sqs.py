"""SQS: a queue tells its redrive policy without spaces and its times in whole seconds, as AWS writes them.

Clients compare the texts: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
"""

import json
from typing import Any

from moto.sqs.models import Queue

TIMES = ("CreatedTimestamp", "LastModifiedTimestamp")
queue: Any = Queue
attributes_by_moto = queue.attributes.fget


def _attributes(kept: Any) -> dict[str, Any]:
    """Return a queue's attributes."""
    told: dict[str, Any] = attributes_by_moto(kept)
    if kept.redrive_policy:
        told["RedrivePolicy"] = json.dumps(kept.redrive_policy, separators=(",", ":"))
    else:
        told.pop("RedrivePolicy", None)
    return told | {name: int(told[name]) for name in TIMES}


queue.attributes = property(_attributes)
