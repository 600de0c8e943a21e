"""CloudWatch: an alarm starts without a state, and keeps state and history when it is written anew."""

from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from twin.world.stores.additions import adds

_put = CloudWatchBackend.put_metric_alarm


@adds(CloudWatchBackend)
def put_metric_alarm(backend: Any, name: str, *told: Any, **more: Any) -> Any:
    """Write an alarm; a new one has INSUFFICIENT_DATA until it is first evaluated."""
    before = backend.alarms.get(name)
    alarm: Any = _put(backend, name, *told, **more)
    alarm.state_value, alarm.state_reason_data = "INSUFFICIENT_DATA", ""
    if before is not None and (before.rule is None) == (alarm.rule is None):
        for kept in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
            setattr(alarm, kept, getattr(before, kept))
    return alarm


@adds(CloudWatchBackend)
def set_alarm_state(backend: Any, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
    """Check what is asked; the world's behavior carries it out."""
    _check(backend, alarm_name, reason_data, state_value)


def _check(backend: Any, alarm_name: str, reason_data: str | None, state_value: str) -> None:
    import json

    from moto.cloudwatch.exceptions import InvalidFormat, ResourceNotFound, ValidationError

    try:
        json.loads(reason_data or "{}")
    except ValueError as broken:
        raise InvalidFormat("Unknown") from broken
    if alarm_name not in backend.alarms:
        raise ResourceNotFound
    if state_value not in ("OK", "ALARM", "INSUFFICIENT_DATA"):
        raise ValidationError(
            f"1 validation error detected: Value '{state_value}' at 'stateValue' failed to satisfy constraint: "
            "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
        )
