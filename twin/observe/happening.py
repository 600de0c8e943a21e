"""One line of a log, whichever vendor wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OK = "ok"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a log: when, in which log, who, what, on what, how it ended; `detail` is the event without secrets.

    `result` is `ok`, the vendor's error code or outcome, the state that an alarm went to, or how grave a finding is.
    """

    id: str
    time: datetime
    source: str
    principal: str
    action: str
    result: str
    resource: str = ""
    region: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
