"""S3: whether a bucket takes access logs; moto stumbles over a principal of `*` and knows three spellings of a resource."""

import json
from fnmatch import fnmatchcase
from typing import Any

from moto.s3.models import LOGGING_SERVICE_PRINCIPAL, FakeBucket

from twin.world.stores.additions import adds


@adds(FakeBucket)
@staticmethod
def _log_permissions_enabled_policy(target_bucket: Any, target_prefix: str | None) -> bool:
    """Tell whether a bucket's policy lets S3 write logs below the prefix."""
    if not target_bucket.policy:
        return False
    wanted = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}log"
    return any(
        statement.get("Effect") == "Allow"
        and LOGGING_SERVICE_PRINCIPAL in _services(statement.get("Principal"))
        and any(fnmatchcase("s3:PutObject", action) for action in _listed(statement.get("Action")))
        and any(fnmatchcase(wanted, resource) for resource in _listed(statement.get("Resource")))
        for statement in _listed(json.loads(target_bucket.policy).get("Statement"))
    )


def _services(principal: Any) -> list[Any]:
    return _listed(principal.get("Service")) if isinstance(principal, dict) else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
