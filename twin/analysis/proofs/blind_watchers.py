"""What watches can see: filters (TW1025), event rules that nothing matches (TW1026), findings unheard (TW1027)."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding
from twin.analysis.plan.planned import Planned
from twin.data_files import read_yaml
from twin.semantics.events.pattern import OR, EventPatternError, event_matches, read_pattern
from twin.spec.suggest import nearest

ENVELOPE = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "$or")
"""https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html"""
BY_TRAIL = "AWS API Call via CloudTrail"
SELECTOR = re.compile(r"\$\.(\w+)")
FINDINGS, HUB = "aws.guardduty", "aws.securityhub"
TOLD = {FINDINGS: "GuardDuty Finding", HUB: "Security Hub Findings - Imported"}


@cache
def records() -> Mapping[str, Any]:
    """Return what records of a trail hold, and where the calls of global services are told."""
    told: Mapping[str, Any] = read_yaml((Path(__file__).parents[1] / "plan/data/records.yaml").read_text())
    return told


def prove(case: Case) -> Iterator[Finding]:
    """Yield the watchers of a plan that will never see anything."""
    yield from _filters(case.planned)
    yield from _alarms(case.planned)
    yield from _rules(case.planned)
    yield from _detectors(case.planned)


def _filters(planned: Planned) -> Iterator[Finding]:
    """Yield filters on a trail's records that ask for fields which no record has."""
    kept = [values.get("log_group_arn") or "" for _, values in planned.of("aws.cloudtrail.trail")]
    groups = {arn.removesuffix(":*").rpartition(":")[2] for arn in kept}
    fields = records()["fields"]
    for one, values in planned.of("aws.logs.metric_filter"):
        unknown = [name for name in SELECTOR.findall(values["pattern"]) if name not in fields]
        if values["group"] in groups and unknown:
            close = nearest(unknown[0], fields)
            mend = f"did you mean $.{close}?" if close else "CloudTrail's page lists the fields of a record"
            message = f"{one.address}: no record of a trail has the field $.{unknown[0]}, so that nothing is counted"
            yield Finding("TW1025", "error", message, one, "pattern", mend=mend, about=unknown[0])


def _alarms(planned: Planned) -> Iterator[Finding]:
    """Yield alarms on metrics that a filter of the plan seems to make, and does not."""
    made: dict[str, dict[str, set[str]]] = {}
    for one, values in planned.of("aws.logs.metric_filter"):
        made.setdefault(values["namespace"], {}).setdefault(planned.region(one), set()).add(values["metric"])
    for one, values in planned.of("aws.cloudwatch.alarm"):
        regions, here = made.get(values["namespace"]), planned.region(one)
        if regions is None:
            continue
        metrics = regions.get(here)
        if metrics is None:
            message = (
                f"{one.address}: its metric is counted in {', '.join(sorted(regions))}, and the alarm is in {here}"
            )
            mend = f"put the alarm into {min(regions)}"
            yield Finding("TW1025", "error", message, one, "namespace", mend=mend, about="region")
            continue
        if values["metric"] not in metrics:
            close = nearest(values["metric"], metrics)
            mend = f"did you mean {close}?" if close else f"watch one of {', '.join(sorted(metrics))}"
            message = f"{one.address}: no filter counts into the metric {values['metric']}"
            yield Finding("TW1025", "error", message, one, "metric", mend=mend, about="metric")
        elif values.get("dimensions"):
            message = f"{one.address}: what the filter counts has no dimensions, and the alarm wants some"
            yield Finding("TW1025", "error", message, one, "dimensions", mend="leave them out", about="dimensions")


def _rules(planned: Planned) -> Iterator[Finding]:
    for one, values in planned.of("aws.events.rule"):
        pattern = values.get("pattern") or {}
        if pattern and (why := _unmatched(pattern, planned, region=planned.region(one))):
            reason, mend = why
            message = f"{one.address}: nothing matches the rule: {reason}"
            yield Finding("TW1026", "error", message, one, "pattern", mend=mend, about="pattern")


def _unmatched(pattern: Mapping[str, Any], planned: Planned, *, region: str) -> tuple[str, str] | None:
    """Return why no event ever matches a pattern and what mends it, as far as the plan tells."""
    for name, wanted in pattern.items():
        if name not in ENVELOPE and wanted != [{"exists": False}]:
            return f"an event has no field {name}", f"write it under `detail`, or one of {', '.join(ENVELOPE[:-1])}"
    sources, kinds = _texts(pattern.get("source")), _texts(pattern.get("detail-type"))
    known = records()["detail_types"]
    for source in sources:
        told = known.get(source)
        if told and kinds and len(sources) == 1 and not {*told, *records()["of_all"]} & kinds:
            return f"{source} tells of no {sorted(kinds)[0]}", f"it tells of {', '.join(told)}"
    if sources == {FINDINGS} and not any(v.get("enabled", True) for _, v in planned.of("aws.guardduty.detector")):
        return "there is no detector whose findings it could tell", "add `guardduty:` under `audit`"
    if sources == {HUB} and not any(True for _ in planned.of("aws.securityhub.hub")):
        return "there is no Security Hub whose findings it could tell", "add `security_hub:` under `audit`"
    if kinds == {BY_TRAIL}:
        return _untold(sources, planned, region=region)
    return None


def _untold(sources: set[str], planned: Planned, *, region: str) -> tuple[str, str] | None:
    """Return why calls are not told: no trail records them, or they are told in another Region."""
    if not any(True for _ in planned.of("aws.cloudtrail.trail")):
        return "calls are told by a trail, and there is none", "add `trail:` under `audit`"
    everywhere = records()["global_services"]
    home = records()["global_region"]
    if sources and sources <= set(everywhere) and region != home:
        return f"the calls of {', '.join(sorted(sources))} are told in {home}", f"put the rule into {home}"
    return None


def _texts(wanted: Any) -> set[str]:
    """Return the values of a field that are plain texts; none where a matcher may take others."""
    listed = wanted if isinstance(wanted, list) else []
    return set(listed) if all(isinstance(one, str) for one in listed) else set()


def _detectors(planned: Planned) -> Iterator[Finding]:
    """Yield detectors and hubs whose findings no rule takes; what a hub takes in is heard where the hub is."""
    patterns = [values.get("pattern") for _, values in planned.of("aws.events.rule") if values.get("enabled", True)]
    heard = {source for source in TOLD if any(one and _takes(one, source) for one in patterns)}
    hubs = [one for one, _ in planned.of("aws.securityhub.hub")]
    silent = [(one, HUB) for one in hubs if HUB not in heard]
    if FINDINGS not in heard and not (hubs and HUB in heard):
        silent += [(one, FINDINGS) for one, told in planned.of("aws.guardduty.detector") if told.get("enabled", True)]
    for one, source in silent:
        message = f"{one.address}: nobody hears of what it finds: no rule takes events of {source}"
        mend = f"add an event rule on the source {source} that notifies a topic"
        field = "enabled" if source == FINDINGS else None
        yield Finding("TW1027", "note", message, one, field, mend=mend, about="unheard")


def _takes(pattern: Mapping[str, Any], source: str) -> bool:
    """Tell whether a pattern takes findings of a source, whatever it wants of their details."""
    try:
        read = read_pattern(json.dumps(pattern))
    except EventPatternError:
        return False
    return event_matches(_outside(read), {"source": source, "detail-type": TOLD[source]})


def _outside(pattern: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a pattern wants of the source and the kind of an event."""
    kept = {name: wanted for name, wanted in pattern.items() if name in ("source", "detail-type")}
    return kept | ({OR: [_outside(one) for one in pattern[OR]]} if OR in pattern else {})
