"""GuardDuty: tags of detectors."""

import json
from typing import Any
from urllib.parse import unquote

from moto.guardduty import urls
from moto.guardduty.responses import GuardDutyResponse

from twin.world.stores.additions import adds

urls.url_paths["{0}/tags/(?P<resource_arn>.+)$"] = GuardDutyResponse.dispatch


def _tags(response: Any) -> dict[str, str]:
    detector = response.guardduty_backend.get_detector(unquote(response.path).rpartition("/")[2])
    if detector.tags is None:
        detector.tags = {}
    kept: dict[str, str] = detector.tags
    return kept


@adds(GuardDutyResponse)
def tag_resource(response: Any) -> str:
    """Tag a detector."""
    _tags(response).update(response._get_param("tags"))
    return "{}"


@adds(GuardDutyResponse)
def untag_resource(response: Any) -> str:
    """Take tags from a detector."""
    tags = _tags(response)
    for key in response.querystring.get("tagKeys", []):
        tags.pop(key, None)
    return "{}"


@adds(GuardDutyResponse)
def list_tags_for_resource(response: Any) -> str:
    """Tell the tags of a detector."""
    return json.dumps({"tags": _tags(response)})
