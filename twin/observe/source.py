"""What notices trouble: an alarm, a rule, a budget, a monitor, one of anomalies; and whom it tells."""

from dataclasses import dataclass
from typing import Literal

SourceKind = Literal["alarm", "rule", "budget", "monitor", "anomaly"]
EVERYWHERE: tuple[SourceKind, ...] = ("budget", "anomaly")
"""What is in no Region, and reaches topics of all."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that notices trouble, and the ARNs that it tells; `muted` says why it tells nobody though it could."""

    kind: SourceKind
    id: str
    region: str
    tells: tuple[str, ...]
    muted: str = ""
    watches: str = ""
