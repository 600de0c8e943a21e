"""CloudWatch Logs: events are filtered by every form of pattern; moto reads words alone and lets pass what it cannot.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from moto.logs import models

from twin.world.signals.log_patterns import compile_pattern


class EventMessageFilter:
    """Tells which messages a pattern matches; an empty one matches all."""

    def __init__(self, pattern: str | None) -> None:
        self._pattern = compile_pattern(pattern) if pattern and pattern.strip() else None

    def matches(self, message: str) -> bool:
        """Tell whether a message is one of those."""
        return self._pattern is None or self._pattern.match(message) is not None


vars(models)["EventMessageFilter"] = EventMessageFilter
