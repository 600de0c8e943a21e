"""`twin events`: what happened in an org, by the vendors' own logs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

import click

from twin.cli.console import data, line, out, say
from twin.cli.logs import logs_of
from twin.cli.observed import Sight
from twin.cli.session import TARGETS
from twin.errors import UsageError
from twin.observe.happenings import SOURCES, Happening, Logs, Wanted, happenings, newest, older
from twin.report.happenings import document, lines, told
from twin.report.query import Index
from twin.scenario.duration import seconds

EVERY = 2.0
"""Seconds between two looks with --follow: CloudTrail answers two lookups a second."""


@click.command("events")
@click.argument("spec", required=False, type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@click.option("--live", "target", flag_value="live", help="The real accounts; same as --target live.")
@click.option("--target", type=click.Choice(TARGETS), default="twin", show_default=True, help="Where the org is.")
@click.option("--region", "regions", multiple=True, help="A Region to read; may be repeated. SPEC's own without it.")
@click.option("--source", "sources", multiple=True, type=click.Choice(SOURCES), help="Only this log; may be repeated.")
@click.option("--since", metavar="TIME", help="Since so long ago (15m, 8h, 3d), or since an instant (ISO 8601).")
@click.option("--filter", "words", default="", metavar="WORDS", help="words, !not, ~fuzzy, source: action: result: …")
@click.option("--most", type=click.IntRange(1), default=200, show_default=True, help="The most events of each log.")
@click.option("--reads", is_flag=True, help="CloudTrail's reads too, not only what changes something.")
@click.option("--follow", is_flag=True, help="Go on, and print what is new; Ctrl-C ends it.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON; with --follow one event a line.")
def command(
    spec: Path | None, environment: str | None, target: str, *, regions: tuple[str, ...], sources: tuple[str, ...],
    since: str | None, words: str, most: int, reads: bool, follow: bool, as_json: bool,
) -> int:  # fmt: skip
    """Show what happened: CloudTrail, Okta's System Log, Cloudflare's audit log, alarms; the newest first.

    Each log has its vendor's delay. With --follow the oldest comes first, as it happens.
    """
    logs, now = logs_of(Sight(spec, environment, target, None, regions))
    wanted = Wanted(sources or SOURCES, _instant(since, now), most, reads)
    found = happenings(logs, wanted)
    for gap in found.gaps:
        say(f"not seen: {gap}", style="yellow")
    shown = _matching(found.events, words)
    if follow:
        _follow(logs, wanted, words, as_json=as_json, first=found.events)
    elif as_json:
        data({"schema": 1, "events": document(shown), "gaps": list(found.gaps)})
    else:
        for text in lines(shown):
            out.print(text)
    return 0


def _instant(written: str | None, now: Callable[[], datetime]) -> datetime | None:
    if written is None:
        return None
    try:
        return older(now(), seconds(written))
    except ValueError:
        pass  # no duration: then an instant
    try:
        instant = datetime.fromisoformat(written)
    except ValueError as wrong:
        raise UsageError(f"--since {written}: a time like 15m, 8h, 3d, or 2026-11-28T12:00:00Z is wanted") from wrong
    if instant.tzinfo is None:
        raise UsageError(f"--since {written}: say in which zone, as in {written}Z")
    return instant


def _matching(events: Sequence[Happening], words: str) -> list[Happening]:
    return [events[place] for place in Index.of(events, told).matching(words)] if words else list(events)


def _follow(logs: Logs, wanted: Wanted, words: str, *, as_json: bool, first: Sequence[Happening]) -> None:
    """Print events as they come, the oldest first, until the user ends it."""
    seen: set[str] = set()
    found = first
    try:
        for number in count():
            if number:
                time.sleep(EVERY)
                wanted = replace(wanted, since=newest(found, wanted.since))
                found = happenings(logs, wanted).events or found
            fresh = [one for one in found if one.id not in seen]
            seen |= {one.id for one in fresh}
            shown = _matching(fresh, words)[::-1]
            for text, told_ in zip(lines(shown), document(shown), strict=True):
                line(told_) if as_json else out.print(text)
    except KeyboardInterrupt:
        return
