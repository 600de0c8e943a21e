"""S3: tags in CreateBucket, which moto drops; and whether a bucket takes access logs.

For the latter moto stumbles over a principal of `*` and knows few forms of a resource.
"""

import json
from fnmatch import fnmatchcase
from typing import Any

import xmltodict
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from moto.s3.utils import LOGGING_SERVICE_PRINCIPAL

from twin.world.stores.additions import adds


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


PUT_BUCKET = S3Response._bucket_response_put


@adds(S3Response)
def _bucket_response_put(response: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """Answer a PUT on a bucket; the one that makes the bucket also gives it its tags."""
    reply = PUT_BUCKET(response, request, bucket_name, querystring)
    if not querystring and response.body:
        made = (xmltodict.parse(response.body) or {}).get("CreateBucketConfiguration") or {}
        tags = _listed((made.get("Tags") or {}).get("Tag"))
        if tags:
            response.backend.put_bucket_tagging(bucket_name, {t["Key"]: t["Value"] or "" for t in tags})
    return reply
