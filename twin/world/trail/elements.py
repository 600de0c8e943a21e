"""What was asked and answered, as events tell it: in CloudTrail's spelling and without the secrets."""

from datetime import datetime
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from twin.world.trail.facts import FACTS

OMITTED = FACTS["omitted"]
MASKED = FACTS["masked"]
EC2_SETS = FACTS["ec2_sets"]


def lowered(name: str) -> str:
    """Return a name of the API as CloudTrail spells it."""
    return name[:1].lower() + name[1:]


class Elements:
    """Writes the parameters and answers of one service."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._omitted = {*OMITTED["all"], *OMITTED.get(service, ())}
        self._masked: dict[str, str] = MASKED.get(service, {})
        self._sensitive: str = MASKED["sensitive"].get(service, MASKED["default"])

    def asked(self, parameters: dict[str, Any], shape: Shape | None) -> dict[str, Any] | None:
        """Return `requestParameters`."""
        written: dict[str, Any] = self._value(parameters, shape, answer=False) if shape is not None else {}
        return written or None

    def answered(self, result: dict[str, Any], shape: Shape | None) -> dict[str, Any] | None:
        """Return `responseElements`."""
        written: dict[str, Any] = self._value(result, shape, answer=True) if shape is not None else {}
        return written or None

    def _value(self, value: Any, shape: Shape, *, answer: bool) -> Any:
        if isinstance(shape, StructureShape) and isinstance(value, dict):
            return self._structure(value, shape, answer=answer)
        if isinstance(shape, ListShape) and isinstance(value, list):
            items = [self._value(item, shape.member, answer=answer) for item in value]
            return {"items": items} if self.service == "ec2" else items
        if isinstance(shape, MapShape) and isinstance(value, dict):
            return {key: self._value(item, shape.value, answer=answer) for key, item in value.items()}
        return _spoken(value) if isinstance(value, datetime) else value

    def _structure(self, value: dict[str, Any], shape: StructureShape, *, answer: bool) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for name, part in value.items():
            member = shape.members.get(name)
            if member is None or part is None or name in self._omitted or member.type_name == "blob":
                continue
            spelled = self._spelled(name, member, answer=answer)
            if name in self._masked:
                written[spelled] = self._masked[name]
            elif member.metadata.get("sensitive"):
                written[spelled] = self._sensitive
            elif self.service == "ec2" and not answer and name in EC2_SETS:
                written[spelled] = self._ec2_set(name, part, member)
            else:
                written[spelled] = self._value(part, member, answer=answer)
        return written

    def _spelled(self, name: str, member: Shape, *, answer: bool) -> str:
        if self.service != "ec2":
            return lowered(name)
        if answer:
            return lowered(str(member.serialization.get("name", name)))
        return str(EC2_SETS[name][0]) if name in EC2_SETS else lowered(name)

    def _ec2_set(self, name: str, part: Any, member: Shape) -> Any:
        key = EC2_SETS[name][1]
        if key:
            return {"items": [{key: item} for item in part]}
        return self._value(part, member, answer=False)


@cache
def elements(service: str) -> Elements:
    """Return what writes the parameters and answers of a service."""
    return Elements(service)


def _spoken(time: datetime) -> str:
    """Write a time as events do within their elements (`Mar 1, 2026, 12:00:00 PM`)."""
    hour = time.hour % 12 or 12
    return f"{time:%b} {time.day}, {time.year}, {hour}:{time:%M:%S} {time:%p}"
