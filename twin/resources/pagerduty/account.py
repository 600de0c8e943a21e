"""What all PagerDuty types share: list reads, references, and the mark of the owner at the end of a description."""

from collections.abc import Mapping
from typing import Any

from twin.resources.call import Steps, pagerduty

GONE = ("404",)


def listing(path: str) -> Steps[list[dict[str, Any]]]:
    """Read all pages of a list."""
    items = yield pagerduty("GET", path, pages=True)
    return list(items or ())


def pointer(kind: str, id_: str) -> Mapping[str, str]:
    """Refer to a record as PagerDuty's requests do."""
    return {"id": id_, "type": f"{kind}_reference"}
