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
from twin.cli.options import TARGETS
from twin.cli.recalled import Recalled, recall_options
from twin.errors import UsageError
from twin.observe.happenings import EVERY as LOGS
from twin.observe.happenings import SOURCES, Happening, Happenings, Logs, Wanted, happenings, newest, older
from twin.report.happenings import document, lines, told
from twin.report.query import Index
from twin.scenario.duration import seconds

FORMATS = ("lines", "json", "ocsf")
EVERY = 2.0
"""Seconds between two looks with --follow: CloudTrail answers two lookups a second."""


@click.command("events")
@click.argument("spec", required=False, type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@click.option("--live", "target", flag_value="live", help="The real accounts; same as --target live.")
@click.option("--target", type=click.Choice(TARGETS), default="twin", show_default=True, help="Where the org is.")
@click.option("--region", "regions", multiple=True, help="A Region to read; may be repeated. SPEC's own without it.")
@click.option("--source", "sources", multiple=True, type=click.Choice(LOGS), help="Only this log; may be repeated.")
@click.option("--since", metavar="TIME", help="Since so long ago (15m, 8h, 3d), or since an instant (ISO 8601).")
@click.option("--filter", "words", default="", metavar="WORDS", help="words, !not, ~fuzzy, source: action: result: …")
@click.option("--most", type=click.IntRange(1), default=200, show_default=True, help="The most events of each log.")
@click.option("--reads", is_flag=True, help="CloudTrail's reads too, not only what changes something.")
@click.option("--follow", is_flag=True, help="Go on, and print what is new; Ctrl-C ends it.")
@click.option(
    "--by",
    type=click.Choice(("principal",)),
    help="What each principal did, its sessions' deeds too: assumed roles are followed back to whom they began with.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON; with --follow one event a line.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="ocsf: one line of JSON per event, in OCSF 1.3.0, for a SIEM.",
)
@recall_options("words", "most", "as_json", "form")
def command(
    spec: Path | None, environment: str | None, target: str, *, regions: tuple[str, ...], sources: tuple[str, ...],
    since: str | None, words: str, most: int, reads: bool, follow: bool, as_json: bool, by: str | None,
    form: str | None, then: Recalled | None,
) -> int:  # fmt: skip
    """Show what happened: CloudTrail, GuardDuty, Okta's System Log, Cloudflare's audit log, alarms; the newest first.

    Flow logs (`--source flows`) are read where they are asked for, and for OCSF.

    Each log has its vendor's delay. With --follow, --by and --format ocsf the oldest comes first; the last two read
    CloudTrail's reads too, of which AssumeRole is one.

    This is what the logs tell. What share of an attacker's calls a log holds that the attacker could not delete is the
    figure breach.evidence of a scenario with one: twin run B3.

    With --run it is the journal of a recorded run by the instant, from what users felt to who answered.
    """
    if then is not None:
        return _recalled(then, words, most, form=_form(form, by, follow=follow, as_json=as_json))
    form = _form(form, by, follow=follow, as_json=as_json)
    reads = reads or by is not None or form == "ocsf"
    logs, now = logs_of(Sight(spec, environment, target, None, regions))
    wanted = Wanted(sources or (LOGS if form == "ocsf" else SOURCES), _instant(since, now), most, reads)
    found = happenings(logs, wanted)
    for gap in found.gaps:
        say(f"not seen: {gap}", style="yellow")
    if follow:
        _follow(logs, wanted, words, form=form, first=found.events)
    elif by is not None:
        _by_principal(found, words, as_json=form == "json")
    elif form == "json":
        data({"schema": 1, "events": document(_matching(found.events, words)), "gaps": list(found.gaps)})
    else:
        _print(_matching(found.events, words), form)
    return 0


def _recalled(then: Recalled, words: str, most: int, *, form: str) -> int:
    """Print what had happened in a run by an instant, the newest first."""
    from twin.report import journal
    from twin.scenario.recording.journal import events

    if form == "ocsf":
        raise UsageError("--format ocsf does not go with --run: twin run --ocsf writes the logs of a run")
    found = [one for one in events(then.recording.journal) if one.t <= then.t][::-1]
    if words:
        found = [found[place] for place in Index.of(found, journal.told).matching(words)]
    say(f"as of {then.name}: the newest {min(most, len(found))} of {len(found)}")
    if form == "json":
        data({"schema": 1, "run": then.document, "events": journal.document(found[:most])})
    else:
        for text in journal.lines(found[:most]):
            out.print(text, soft_wrap=True)
    return 0


def _form(form: str | None, by: str | None, *, follow: bool, as_json: bool) -> str:
    """Return how to print; UsageError for what does not go together."""
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form}: choose one")
    if by is not None and form == "ocsf":
        raise UsageError("--by principal prints lines or JSON: OCSF is one event a line, whose actor says who it was")
    if by is not None and follow:
        raise UsageError("--by principal tells what happened so far: without --follow")
    return "json" if as_json else form or "lines"


def _by_principal(found: Happenings, words: str, *, as_json: bool) -> None:
    from twin.observe.principals import deeds, principals
    from twin.report import principals as report

    done = deeds(found.events)
    chosen = [done[place] for place in Index.of(done, report.told).matching(words)] if words else done
    grouped = principals(chosen)
    if as_json:
        data({"schema": 1, "principals": report.document(grouped), "gaps": list(found.gaps)})
        return
    for text in report.lines(grouped):
        out.print(text)


def _print(shown: Sequence[Happening], form: str) -> None:
    """Print events one a line: as text, as our JSON, or as OCSF, which turns round what is the newest first."""
    if form == "ocsf":
        from twin.report import ocsf

        for text in ocsf.lines(shown):
            click.echo(text)
    elif form == "json":
        for told_ in document(shown):
            line(told_)
    else:
        for styled in lines(shown):
            out.print(styled)


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


def _follow(logs: Logs, wanted: Wanted, words: str, *, form: str, first: Sequence[Happening]) -> None:
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
            shown = _matching(fresh, words)
            _print(shown if form == "ocsf" else shown[::-1], form)
    except KeyboardInterrupt:
        return
