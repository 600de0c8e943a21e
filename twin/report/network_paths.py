"""Passages of packets, as text and as JSON: hops with what permits them, the way back, what would end them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from twin.analysis.passage.cuts import Cut
from twin.analysis.passage.openings import Opening
from twin.analysis.passage.passages import Leg, Passage
from twin.semantics.network.flow import Hop

SCHEMA = 1
Found = Sequence[tuple[Passage, Cut | None]]
SEPARATOR = "  "
SHOWN = 3


def lines(found: Found, names: Mapping[str, str]) -> Iterator[Text]:
    """Yield each passage with its hops, and what would end it; those that are closed with what closed them."""
    for number, (passage, cut) in enumerate(found, 1):
        title = f"{number}. {passage.start} to {passage.goal}"
        if not passage.open:
            why = passage.legs[-1].decision
            yield Text(f"{title}: no way ({why.disposition}: {why.because})", style="green")
            continue
        count = len(passage.legs)
        yield Text(f"{title}: {'1 connection' if count == 1 else f'{count} connections, from host to host'}", "bold")
        for leg in passage.legs:
            yield from _leg(leg, names)
        yield from _cut(cut)


def _leg(leg: Leg, names: Mapping[str, str]) -> Iterator[Text]:
    decision = leg.decision
    packet = decision.packet.as_data() if decision.packet else {}
    port = f" {packet['port']}" if "port" in packet else ""
    yield Text(f"   {leg.start} to {leg.goal}: {packet.get('protocol', '')}{port} from {packet.get('src', '')}")
    rows = [("", *_cells(hop, names)) for hop in decision.path]
    rows += [("back", *_cells(hop, names)) for hop in decision.reply.flow.hops] if decision.reply else []
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)]
        yield Text(f"     {SEPARATOR.join((*cells, row[3]))}".rstrip(), style="dim" if row[0] else "")
    if not decision.returns and decision.reply is not None:
        lost = decision.reply
        yield Text(f"     its reply does not come back: {lost.disposition}, {lost.because}", style="yellow")


def _cells(hop: Hop, names: Mapping[str, str]) -> tuple[str, str, str]:
    name = names.get(hop.at)
    return (f"{hop.at} ({name})" if name else hop.at), hop.does, _short(hop.rule)


def _short(rule: str) -> str:
    """Leave out the most of a long list of blocks; JSON has them all."""
    blocks = rule.split(", ")
    return f"{', '.join(blocks[:SHOWN])} and {len(blocks) - SHOWN} more" if len(blocks) > SHOWN + 1 else rule


def _cut(cut: Cut | None) -> Iterator[Text]:
    if cut is None:
        yield Text("   no few rules of one kind end it", style="bold red")
        return
    beside = "" if cut.ends is None else f" (ends {cut.ends} connected pairs, closes {cut.closes} to the internet)"
    yield Text(f"   break here{beside}", style="bold")
    for rule in cut.rules:
        yield Text(f"     {rule.layer}: {_short(rule.label)}")


def opening_lines(found: Sequence[Opening], names: Mapping[str, str]) -> Iterator[Text]:
    """Yield what the internet reaches, a line per address and protocol."""
    if not found:
        yield Text("the internet reaches nothing here", style="green")
        return
    rows = []
    for one in found:
        who = "everyone" if one.everyone else "some addresses"
        back = "" if one.witness.returns else "no reply comes back"
        ends = [f"{name} ({names[name]})" if name in names else name for name in one.arrives]
        rows.append((one.address, one.service, who, one.interface, ", ".join(ends), back))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:5], widths, strict=True)]
        yield Text(SEPARATOR.join((*cells, row[5])).rstrip())


def document(start: str, goal: str, found: Found) -> dict[str, Any]:
    """Return passages as plain data."""
    return {
        "schema": SCHEMA,
        "from": start,
        "to": goal,
        "passages": [
            {
                "from": passage.start.id,
                "to": passage.goal.id,
                "open": passage.open,
                "legs": [{"from": leg.start, "to": leg.goal, **_decision(leg)} for leg in passage.legs],
                "break": None if cut is None else _cut_document(cut),
            }
            for passage, cut in found
        ],
    }


def _decision(leg: Leg) -> dict[str, Any]:
    decision = leg.decision
    packet = decision.packet.as_data() if decision.packet else None
    return {**decision.as_data(), "packet": packet, "returns": decision.returns}


def _cut_document(cut: Cut) -> dict[str, Any]:
    rules = [{"layer": one.layer, "rule": one.label} for one in cut.rules]
    return {"rules": rules, "ends": cut.ends, "closes": cut.closes}


def opening_document(found: Sequence[Opening]) -> dict[str, Any]:
    """Return what the internet reaches as plain data."""
    return {
        "schema": SCHEMA,
        "from": "internet",
        "openings": [
            {
                "interface": one.interface,
                "address": one.address,
                "service": one.service,
                "everyone": one.everyone,
                "arrives": list(one.arrives),
                **one.witness.as_data(),
                "returns": one.witness.returns,
            }
            for one in found
        ],
    }
