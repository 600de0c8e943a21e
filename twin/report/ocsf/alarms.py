"""CloudWatch's alarms, for which OCSF has no class: its Base Event, so that they stand in the same file."""

from typing import Any

from twin.observe.happenings import Happening
from twin.report.ocsf.classes import BASE, INFORMATIONAL, MEDIUM, OTHER, Product, Told, event
from twin.report.ocsf.original import Original


def form(one: Happening) -> dict[str, Any]:
    """Return one line of an alarm's history."""
    original = Original(one.detail)
    take = original.take
    kind, state = str(take("HistoryItemType")), one.result
    parts = {"message": take("HistorySummary")}
    told = Told(BASE, OTHER, kind, MEDIUM if state == "ALARM" else INFORMATIONAL, OTHER, state)
    product = Product("AWS", "CloudWatch", one.id, str(take("Timestamp") or ""))
    return event(one, told, product, parts, left=original)
