"""Facts about AWS, by family."""

from collections.abc import Mapping
from typing import Any

from twin.resources import facts as shared


def facts(family: str) -> Mapping[str, Any]:
    """Return the facts of `data/<family>.yaml` by name."""
    return shared.facts("aws", family)
