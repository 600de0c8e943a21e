"""S3: whether a bucket takes access logs; moto stumbles over a principal of `*` and knows few forms of a resource."""

import json
from fnmatch import fnmatchcase
from typing import Any

from moto.s3.models import FakeBucket
from moto.s3.utils import LOGGING_SERVICE_PRINCIPAL


def _takes_logs(target_bucket: Any, target_prefix: str | None) -> bool:
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


bucket: Any = FakeBucket
bucket._log_permissions_enabled_policy = staticmethod(_takes_logs)
