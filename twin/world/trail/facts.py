"""What AWS documents about events: delays, names, secrets; the figures and their sources stand in facts.json."""

import json
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from moto.core.utils import get_service_model

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "facts.json").read_text())
GLOBAL_SERVICES = frozenset(FACTS["global_services"]["values"])
GLOBAL_REGION = "us-east-1"
READING = re.compile("(?:" + "|".join(FACTS["read_only"]["verbs"]) + ")(?![a-z])")
BODY_LIMIT = int(FACTS["request_parameters_limit"]["value"])


def seconds(name: str) -> timedelta:
    """Return a delay that is kept in seconds."""
    return timedelta(seconds=FACTS["delays"][name]["value"])


def days(name: str) -> timedelta:
    """Return a span that is kept in days."""
    return timedelta(days=FACTS["delays"][name]["value"])


WINDOW = seconds("publish_every_seconds")
AFTER_WINDOW = seconds("publish_after_window_seconds")


def due(time: datetime) -> datetime:
    """Return when the log file with an event of `time` reaches the bucket."""
    start = time.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + WINDOW * ((time - start) // WINDOW + 1) + AFTER_WINDOW


@cache
def read_only(service: str, operation: str) -> bool:
    """Tell whether an operation changes nothing, as `readOnly` has it."""
    return READING.match(operation) is not None or operation in FACTS["read_only"]["operations"].get(service, ())


@cache
def answered(service: str, operation: str) -> bool:
    """Tell whether the answer to an operation is part of its event."""
    if operation in FACTS["unanswered"].get(service, ()):
        return False
    return not read_only(service, operation) or operation in FACTS["answered"].get(service, ())


@cache
def data_type(service: str, operation: str) -> str | None:
    """Return the resource type of a data event; None for a management event."""
    for kind, operations in FACTS["data_events"].get(service, {}).items():
        if operation in operations:
            return str(kind)
    return None


@cache
def event_source(service: str) -> str:
    """Return the service of an event as CloudTrail names it."""
    signs_as = FACTS["event_sources"].get(service) or get_service_model(service).signing_name
    return f"{signs_as}.amazonaws.com"


def event_name(service: str, operation: str) -> str:
    """Return the operation of an event as CloudTrail names it, which differs from the API's in S3 and Lambda."""
    return str(FACTS["renamed"].get(service, {}).get(operation, operation))


def event_region(service: str, region: str) -> str:
    """Return the Region in which an event is recorded."""
    return GLOBAL_REGION if service in GLOBAL_SERVICES else region
