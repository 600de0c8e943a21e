"""What notices trouble: an alarm, a rule, a budget, a monitor; and whom it tells."""

from dataclasses import dataclass
from typing import Literal

SourceKind = Literal["alarm", "rule", "budget", "monitor"]


@dataclass(frozen=True, slots=True)
class Source:
    """Something that notices trouble, and the ARNs that it tells; `muted` says why it tells nobody though it could."""

    kind: SourceKind
    id: str
    region: str
    tells: tuple[str, ...]
    muted: str = ""
    watches: str = ""
