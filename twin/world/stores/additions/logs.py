"""CloudWatch Logs: the key of a log group, and filters that a second PutMetricFilter replaces."""

from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogsBackend
from moto.logs.responses import LogsResponse

from twin.world.stores.additions import adds

add_by_moto = MetricFilters.add_filter
delete_by_moto = LogsBackend.delete_log_group


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
