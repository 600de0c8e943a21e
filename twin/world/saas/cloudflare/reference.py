"""Facts of the vendor, read from `data/`; each file there names its source and the date on which it was read."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def reference(name: str, key: str) -> Any:
    """Return what stands under `key` of `data/<name>.json`; shared, so never to be changed."""
    return json.loads((files(__package__) / "data" / f"{name}.json").read_text("utf-8"))[key]


def plan_limits(plan: str) -> dict[str, Any]:
    """Return the quotas and entitlements of a zone plan (`free`, `pro`, `business`, `enterprise`)."""
    limits: dict[str, Any] = reference("plans", "plans")[plan]
    return limits
