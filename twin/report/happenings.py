"""What happened in an org, as lines, as JSON, and as what a filter looks at."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from twin.observe.happenings import OK, Happening
from twin.report.query import Facets

SCHEMA = 1
STYLES = {"trail": "cyan", "guardduty": "red", "okta": "blue", "cloudflare": "magenta", "alarms": "yellow",
          "flows": "white"}  # fmt: skip
WIDTHS = (19, 10, 36, 32)


def cells(one: Happening) -> tuple[str, str, str, str, str]:
    """Return an event's columns: time, source, principal, action, result with what it was done to."""
    result = one.result if not one.resource else f"{one.result}  {one.resource}"
    return f"{one.time:%Y-%m-%d %H:%M:%S}", one.source, one.principal, one.action, result


def lines(found: Sequence[Happening]) -> Iterator[Text]:
    """Yield one line per event."""
    for one in found:
        time, source, who, what, result = cells(one)
        line = Text(f"{time:{WIDTHS[0]}}  ", style="dim")
        line.append(f"{source:{WIDTHS[1]}}  ", STYLES.get(source, ""))
        line.append(f"{who:{WIDTHS[2]}}  {what:{WIDTHS[3]}}  ", "")
        line.append(result, "" if one.result == OK else "red")
        yield line


def document(found: Sequence[Happening]) -> list[dict[str, Any]]:
    """Return the events as plain data, without secrets."""
    return [
        {
            "id": one.id,
            "time": one.time.isoformat(),
            "source": one.source,
            "principal": one.principal,
            "action": one.action,
            "result": one.result,
            "resource": one.resource,
            "region": one.region,
            "detail": one.detail,
        }
        for one in found
    ]


def told(one: Happening) -> tuple[str, Facets]:
    """Return what a filter looks at: all columns, and each by its name; the address that a call came from, too."""
    address = str(one.detail.get("sourceIPAddress", ""))
    facets = {
        "source": one.source, "principal": one.principal, "action": one.action, "result": one.result,
        "resource": one.resource, "region": one.region, "state": one.result, "type": one.action,
    }  # fmt: skip
    return f"{' '.join(cells(one))} {one.region} {address}", facets


def written(one: Happening) -> str:
    """Return an event's detail as indented JSON."""
    return json.dumps(one.detail, indent=2, default=str, ensure_ascii=False)
