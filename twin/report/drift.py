"""Drift as text: what is other than it was applied, who did it, and both ways out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from twin.engine.culprits import Deed
from twin.engine.drift import Drift
from twin.report.plan import parts, short

SIGNS = {"changed": "~", "gone": "-", "added": "+"}
STYLES = {"changed": "yellow", "gone": "red", "added": "magenta"}


@dataclass(frozen=True, slots=True)
class Told:
    """A drift with who did it: per field, or for the object as a whole under ""."""

    drift: Drift
    deeds: dict[str, Deed | None]


def document(told: Sequence[Told]) -> dict[str, Any]:
    """Return drift as the JSON that `--json` prints."""
    return {"schema": 1, "drift": [_entry(one) for one in told]}


def _entry(one: Told) -> dict[str, Any]:
    drift = one.drift
    return {
        "address": str(drift.address),
        "kind": drift.kind,
        "id": drift.change.id or drift.was,
        "file": drift.change.file,
        "line": drift.change.line,
        "by": _by(one.deeds.get("")),
        "fields": [
            {"field": f.field, "applied": f.applied, "now": f.now, "by": _by(one.deeds.get(f.field))}
            for f in drift.fields
        ],
    }


def _by(deed: Deed | None) -> dict[str, str] | None:
    return {name: getattr(deed, name) for name in Deed.__slots__} if deed is not None else None


def lines(told: Sequence[Told], *, live: bool = False) -> Iterator[Text]:
    """Yield the lines of a drift, and of what can be done about it on a twin or on the real accounts."""
    for one in told:
        yield from _lines(one)
    if not told:
        yield Text("no drift: the accounts are as they were applied", style="bold")
        return
    yield Text(f"\ndrift: {len(told)} of our resources are other than they were applied", style="bold")
    yield Text(f"  back to the spec:   {_back(told, live=live)}")
    yield Text("  into the spec:      twin diff SPEC --into-spec, with --write into the file")


def _back(told: Sequence[Told], *, live: bool) -> str:
    """Return the commands that bring back what the spec says; what was added may be of a type that it does not have."""
    some = "".join(f" --only {address}" for address in sorted({str(one.drift.address) for one in told}))
    some = some if len(told) <= 3 else ""
    added = any(one.drift.kind == "added" for one in told)
    if not live and not added:
        return f"twin apply SPEC{some}"
    there, every = " --live" if live else "", " --all-types" if added else ""
    may = " --allow-delete" if live and added else ""
    return f"twin plan SPEC{there}{every}{some} -o back.json, then twin apply back.json{there}{may}"


def _lines(one: Told) -> Iterator[Text]:
    drift = one.drift
    line = Text(f"{SIGNS[drift.kind]} {drift.address}", style=STYLES[drift.kind])
    line.append(f"  {drift.change.id or drift.was}")
    if drift.change.line:
        line.append(f"  {drift.change.file}:{drift.change.line}", style="dim")
    yield line
    if drift.kind != "changed":
        what = "is gone" if drift.kind == "gone" else "was added, and no spec of ours has it"
        yield Text(f"    {what}{_who(drift, one.deeds.get(''))}")
    for field in drift.fields:
        doubt = "" if field.certain else "  # no state: compared with the spec"
        parts_of = parts(field.applied, field.now)
        if parts_of is None:
            yield Text(f"    {field.field}: {short(field.applied)} → {short(field.now)}{doubt}")
        else:
            yield Text(f"    {field.field}:{doubt}")
        for sign, part in parts_of or ():
            yield Text(f"      {sign} {short(part)}", style="green" if sign == "+" else "red")
        yield Text(f"      {_who(drift, one.deeds.get(field.field)).lstrip(', ')}", style="dim")


def _who(drift: Drift, deed: Deed | None) -> str:
    if deed is not None:
        return f", by {deed.principal} at {deed.time} from {deed.source} ({deed.event})"
    if drift.address.system != "aws":
        return f", by whom the log of {drift.address.system.title()} knows"
    return ", by nobody whom CloudTrail names: events come some minutes late and are kept for 90 days"
