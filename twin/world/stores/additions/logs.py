"""CloudWatch Logs: the key of a log group."""

from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

from twin.world.stores.additions import adds


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
