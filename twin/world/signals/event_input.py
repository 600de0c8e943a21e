"""What a target gets of an event: the event, a constant, a part, or a template filled from it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from twin.world.signals.log_conditions import select

PLACE = re.compile(r"<([\w.-]+)>")


def input_of(target: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str) -> str:
    """Return the text that a target gets."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath"):
        found = select(event, target["InputPath"])
        return _text(found[0] if found else None)
    transformer = target.get("InputTransformer")
    if transformer:
        return _filled(transformer, event, rule_arn=rule_arn)
    return _text(event)


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _filled(transformer: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str) -> str:
    paths = transformer.get("InputPathsMap") or {}
    values: dict[str, Any] = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": dict(event),
    }
    for name, path in paths.items():
        held = select(event, path)
        values[name] = held[0] if held else None
    template = transformer["InputTemplate"]
    filled, place = "", 0
    for found in PLACE.finditer(template):
        if found[1] not in values:
            continue
        before = template[: found.start()]
        quoted = len(re.findall(r'(?<!\\)"', before)) % 2 == 1
        filled += template[place : found.start()] + (_quoted if quoted else _text)(values[found[1]])
        place = found.end()
    return filled + str(template[place:])


def _quoted(value: Any) -> str:
    """Return a value inside of quotes: text as it is, anything else as JSON, without what would end the quotes."""
    if value is None:
        return ""
    return json.dumps(value if isinstance(value, str) else _text(value))[1:-1]
