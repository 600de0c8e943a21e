"""What each principal did, as lines, as JSON, and as what a filter looks at."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from twin.observe.happenings import OK
from twin.observe.principals import Deed, Principal
from twin.report.happenings import document as events
from twin.report.happenings import told as event_told
from twin.report.query import Facets

WIDTHS = (19, 15, 36, 32)
ARROW = " → "


def lines(found: Sequence[Principal]) -> Iterator[Text]:
    """Yield a headline per principal, the sessions it acted through, and a line per event."""
    for one in found:
        yield _headline(one)
        for session in one.sessions:
            yield Text(f"  {ARROW.join((one.name, *session))}", style="dim")
        if not all(deed.traced for deed in one.deeds):
            yield Text("  the log that was read does not say who assumed it", style="yellow")
        yield from map(_line, one.deeds)


def _headline(one: Principal) -> Text:
    count, first, last = len(one.deeds), one.deeds[0].happening.time, one.deeds[-1].happening.time
    line = Text(one.name or "(nobody)", style="bold")
    line.append(f"  {count} event{'' if count == 1 else 's'}, ", "not bold")
    line.append(f"{one.refused} refused", "red" if one.refused else "not bold")
    line.append(f", {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S}", "not bold")
    if one.addresses:
        line.append(f", from {', '.join(f'{where} ({times})' for where, times in one.addresses.items())}", "not bold")
    return line


def _line(deed: Deed) -> Text:
    one = deed.happening
    by = deed.through[-1] if deed.through else deed.key or one.source
    line = Text(f"  {one.time:%Y-%m-%d %H:%M:%S}  ", style="dim")
    line.append(f"{deed.address:{WIDTHS[1]}}  {by:{WIDTHS[2]}}  {one.action:{WIDTHS[3]}}  ", "")
    line.append(f"{one.result}  {one.resource}".rstrip(), "" if one.result == OK else "red")
    return line


def document(found: Sequence[Principal]) -> list[dict[str, Any]]:
    """Return the principals with their events as plain data, without secrets."""
    return [
        {
            "principal": one.name,
            "refused": one.refused,
            "addresses": dict(one.addresses),
            "sessions": [list(session) for session in one.sessions],
            "events": [
                {
                    **told,
                    "address": deed.address,
                    "key": deed.key,
                    "through": list(deed.through),
                    "traced": deed.traced,
                    "refused": deed.refused,
                }
                for deed, told in zip(one.deeds, events([deed.happening for deed in one.deeds]), strict=True)
            ],
        }
        for one in found
    ]


def told(deed: Deed) -> tuple[str, Facets]:
    """Return what a filter looks at: what it looks at of the event, and whom the event goes back to."""
    words, facets = event_told(deed.happening)
    whom = " ".join(dict.fromkeys((deed.principal, *deed.through, deed.happening.principal)))
    return f"{words} {whom} {deed.key} {deed.address}", {**facets, "principal": whom}
