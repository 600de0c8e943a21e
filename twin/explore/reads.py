"""What was read from a world, kept as long as no call that came after may have changed it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from twin.resources.call import Call, Refused

Send = Callable[[], Any]
TAGGING = "resourcegroupstaggingapi"
COMPUTE = ("autoscaling", "cloudwatch", "ecs", "eks", "elbv2", "rds")
# The services that a call to one may change besides itself; a call to one that is not named here may change any.
# `Readings.outdated` reads everything again and holds it against this table.
REACH: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "acm": ("elbv2",),
        "dynamodb": ("kms", "cloudwatch"),
        "ec2": (*COMPUTE, "kms", "logs"),
        "ecr": ("kms",),
        "events": (),
        "iam": (),
        "kms": (),
        "logs": (),
        "route53": (),
        "s3": ("kms",),
        "secretsmanager": ("kms",),
        "sns": ("sqs",),
        "sqs": (),
        "ssm": ("kms",),
    }
)
ANSWERED = ("ResponseMetadata",)
"""What differs between two equal replies."""


class _Reply(NamedTuple):
    """A reply, where it came from, and how to ask for it again."""

    place: str
    call: Call
    send: Send
    reply: Any


class Readings:
    """The replies that a world would give now, each asked for once."""

    def __init__(self) -> None:
        self._kept: dict[str, _Reply] = {}

    def of(self, call: Call, send: Send) -> Any:
        """Return the reply to a call that reads; it is sent if it was not, or if its reply may be another by now."""
        key = call.key
        if key not in self._kept:
            self._kept[key] = _Reply(_place(call), call, send, send())
        return self._kept[key].reply

    def changed(self, call: Call) -> None:
        """Forget what a call may have changed."""
        place = _place(call)
        self._kept = {key: kept for key, kept in self._kept.items() if not _reaches(call, place, kept)}

    def outdated(self) -> list[str]:
        """Read everything again, and name the calls that are now answered otherwise."""
        return sorted({str(kept.call) for kept in self._kept.values() if _told(kept.reply) != _again(kept)})


def _reaches(call: Call, place: str, kept: _Reply) -> bool:
    if kept.place == place:
        return place != "s3" or kept.call.params.get("Bucket") in (None, call.params.get("Bucket"))
    if call.system != "aws" or kept.call.system != "aws":
        return False
    return kept.place == TAGGING or place not in REACH or kept.place in REACH[place]


def _place(call: Call) -> str:
    return call.service if call.system == "aws" else call.system


def _again(kept: _Reply) -> Any:
    try:
        return _told(kept.send())
    except Refused as refused:
        return str(refused)


def _told(reply: Any) -> Any:
    return {k: v for k, v in reply.items() if k not in ANSWERED} if isinstance(reply, dict) else reply
