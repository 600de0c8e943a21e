"""Route 53: a health check keeps the alarm that it follows and the regions of its checkers."""

from typing import Any

from moto.route53.models import HealthCheck, Route53Backend

from twin.world.stores.additions import adds

_config: Any = vars(HealthCheck)["health_check_config"].fget


def _health_check_config(check: Any) -> dict[str, Any]:
    told: dict[str, Any] = _config(check)
    more = getattr(check, "twin_config", {})
    if check.type_ == "CLOUDWATCH_METRIC":
        for name in ("IPAddress", "Port", "RequestInterval", "FailureThreshold", "MeasureLatency", "ResourcePath"):
            told.pop(name, None)
    return told | more


setattr(HealthCheck, "health_check_config", property(_health_check_config))  # noqa: B010 - mypy refuses the plain one


@adds(Route53Backend)
def delete_health_check(backend: Any, health_check_id: str) -> None:
    """Delete a health check; one that is not there is named."""
    backend.get_health_check(health_check_id)
    del backend.health_checks[health_check_id]
