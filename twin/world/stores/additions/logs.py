"""CloudWatch Logs: the key of a log group, filters that a second PutMetricFilter replaces, events that are over."""

from datetime import timedelta
from typing import Any

from moto.core.utils import unix_time_millis, utcnow
from moto.logs import logs_query
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogsBackend, LogStream
from moto.logs.responses import LogsResponse

from twin.world.signals.log_queries import uncommented
from twin.world.stores.additions import adds

add_by_moto = MetricFilters.add_filter
delete_by_moto = LogsBackend.delete_log_group
get_by_moto: Any = LogStream.get_log_events
filter_by_moto: Any = LogStream.filter_log_events
put_by_moto: Any = LogsBackend.put_log_events
parsed_by_moto = logs_query._create_parsed_events
query_by_moto = vars(logs_query)["parse_query"]
HOUR, DAY = 3_600_000, 86_400_000


@adds(MetricFilters)
def add_filter(
    filters: Any, filter_name: str, filter_pattern: str, log_group_name: str, metric_transformations: Any
) -> None:
    """Put a filter in place of one with its name in its group."""
    filters.delete_filter(filter_name, log_group_name)
    add_by_moto(filters, filter_name, filter_pattern, log_group_name, metric_transformations)


def _group(response: Any) -> Any:
    name = response._get_param("logGroupName")
    group = response.logs_backend.groups.get(name)
    if group is None:
        raise ResourceNotFoundException
    return group


@adds(LogsResponse)
def associate_kms_key(response: Any) -> str:
    """Encrypt what comes into a log group with a key."""
    _group(response).kms_key_id = response._get_param("kmsKeyId")
    return "{}"


@adds(LogsResponse)
def disassociate_kms_key(response: Any) -> str:
    """Stop encrypting a log group with a key of the account."""
    _group(response).kms_key_id = None
    return "{}"


@adds(LogsBackend)
def delete_log_group(backend: Any, log_group_name: str) -> None:
    """Delete a log group with its tags, which another group of that name must not find."""
    group = backend.groups.get(log_group_name)
    if group is not None:
        backend.tagger.delete_all_tags_for_resource(group.arn)
    delete_by_moto(backend, log_group_name)


def _oldest(group: Any) -> int:
    """Return the first instant of which a log group still has events, in milliseconds; 0 when it keeps all."""
    days = group.retention_in_days
    return int(unix_time_millis(utcnow() - timedelta(days=int(days)))) if days else 0


@adds(LogStream)
def get_log_events(stream: Any, start_time: Any, *given: Any, **named: Any) -> Any:
    """Return events of a stream, those that it still keeps."""
    return get_by_moto(stream, max(start_time or 0, _oldest(stream.log_group)), *given, **named)


@adds(LogStream)
def filter_log_events(stream: Any, start_time: Any, *given: Any, **named: Any) -> Any:
    """Return the events of a stream that meet a pattern, of those that it still keeps."""
    return filter_by_moto(stream, max(start_time or 0, _oldest(stream.log_group)), *given, **named)


def _kept(groups: list[Any], query: Any, start: int, end: int) -> list[Any]:
    """Return the events that a query of Insights goes through, in seconds, group by group."""
    return [
        event
        for group in groups
        for event in parsed_by_moto([group], query, max(start, -(-_oldest(group) // 1000)), end)
    ]


def _parsed(query: str) -> Any:
    """Read a query without its comments."""
    return query_by_moto(uncommented(query))


vars(logs_query)["_create_parsed_events"] = _kept
vars(logs_query)["parse_query"] = _parsed


@adds(LogsBackend)
def put_log_events(
    backend: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """Take events in, and tell which are too old, expired or too new: ends of a range are not in it, starts are."""
    group = backend.groups.get(log_group_name)
    told = [event["timestamp"] for event in log_events]
    if group is None or told != sorted(told):
        return put_by_moto(backend, log_group_name, log_stream_name, log_events)  # type: ignore[no-any-return]
    now = int(unix_time_millis(utcnow()))
    too_old, expired, new = now - 14 * DAY, _oldest(group), now + 2 * HOUR
    old, over, fresh = (sum(time < limit for time in told) for limit in (too_old, expired, new + 1))
    token, _ = put_by_moto(backend, log_group_name, log_stream_name, log_events[max(old, over) : fresh])
    rejected = {
        "tooNewLogEventStartIndex": fresh if fresh < len(told) else None,
        "tooOldLogEventEndIndex": old or None,
        "expiredLogEventEndIndex": over if over > old else None,
    }
    return str(token), {name: index for name, index in rejected.items() if index is not None}
