"""Events as OCSF 1.3.0, the form in which security lakes keep what happened: one JSON object per event."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from twin.observe.happenings import Happening, oldest_first
from twin.report.ocsf import alarms, cloudflare, findings, flows, okta, trail

_FORMS: Mapping[str, Callable[[Happening], dict[str, Any]]] = {
    "trail": trail.form, "guardduty": findings.form, "okta": okta.form, "cloudflare": cloudflare.form,
    "alarms": alarms.form, "flows": flows.form,
}  # fmt: skip


def ocsf(one: Happening) -> dict[str, Any]:
    """Return an event in OCSF's form; what OCSF has no place for is under `unmapped`."""
    return _FORMS[one.source](one)


def lines(found: Sequence[Happening]) -> Iterator[str]:
    """Yield one line of JSON per event that is told the newest first; the oldest comes first."""
    for one in oldest_first(found):
        yield json.dumps(ocsf(one), sort_keys=True, ensure_ascii=False, default=str)
