"""What a run raised, by name, whatever became of it: detections, alarms, rules that matched, budgets, anomalies.

What GuardDuty says of the stage's own hand is left out: the org is built and the setup is done with root's key, which
GuardDuty tells of in every account that has a detector. What Config and Security Hub say of a thing when they first
look at it is how the org stands, no news; what got worse is.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from twin.scenario.timeline import Timeline
from twin.world.world import World

DETECTIONS = frozenset({
    "security.request.blocked", "security.threat.detected", "system.org.rate_limit.violation", "user.account.lock",
    "user.account.report_suspicious_activity_by_enduser", "user.mfa.okta_verify.deny_push",
    "user.mfa.okta_verify.deny_push_upgrade_needed",
})  # fmt: skip
"""Events of Okta's System Log that say by themselves that something is wrong:
https://developer.okta.com/docs/reference/api/event-types/ (assumed)
"""
FINDINGS = (("aws.guardduty", "GuardDuty Finding"), ("aws.securityhub", "Security Hub Findings - Imported"))
"""Events, by their source and kind, that may be about the stage's own hand."""
AUDIT_LOGS = {"cloudflare": "audit_logs", "github": "audit-log"}


class Raised:
    """Listens from when the actors start; `names` is what was raised since, `logged` what vendors' logs have."""

    def __init__(self, world: World, timeline: Timeline) -> None:
        self.world, self.timeline, self.began = world, timeline, timeline.now()
        self._start, self._vendors = len(world.scene.happenings), len(world.vendors.evidence)
        self._own = {world.credentials(account).access_key_id for account in world.accounts}

    def names(self) -> list[str]:
        """Return what was raised, each once, in the order of the alphabet."""
        return sorted({*self._happened(), *(f"okta {one}" for one in self._okta(None) if one in DETECTIONS)})

    def logged(self, until: float | None) -> list[str]:
        """Return the events of vendors' logs: Okta's up to when somebody acted, others' of everybody but the owner."""
        end = None if until is None else self.timeline.start + timedelta(seconds=until)
        return sorted({f"okta {one}" for one in self._okta(end)} | set(self._audits()))

    def _happened(self) -> Iterator[str]:
        own, ours, good = set[str](), False, set[tuple[str, ...]]()
        for number, happening in enumerate(self.world.scene.happenings):
            facts, kind = happening.facts, happening.kind
            if kind == "aws.event":
                ours = self._about_stage(facts, own)
            told = _named(kind, facts, good) if kind != "aws.event" else _event(facts, good)
            # A rule that took another event, as that of a call, is told whatever the last finding was about.
            of_event = kind == "aws.event" or (
                kind == "events.target.reached" and (facts["source"], facts["detail_type"]) in FINDINGS
            )
            if number >= self._start and not (ours and of_event):
                yield from told

    def _about_stage(self, facts: Mapping[str, Any], own: set[str]) -> bool:
        """Tell whether an event is GuardDuty's of the stage's own key, or Security Hub's copy of that."""
        detail = facts["detail"]
        if facts["source"] == "aws.guardduty" and "arn" in detail:
            key = detail["resource"].get("accessKeyDetails", {}).get("accessKeyId")
            if key in self._own:
                own.add(detail["arn"])
            return key in self._own
        return facts["source"] == "aws.securityhub" and all(one.get("Id") in own for one in detail.get("findings", ()))

    def _okta(self, end: datetime | None) -> Iterator[str]:
        if self.world.vendors.made("okta") is not None:
            for event in self.world.vendors.okta().events:
                time = datetime.fromisoformat(event["published"])
                if self.began <= time and (end is None or time < end):
                    yield str(event["eventType"])

    def _audits(self) -> Iterator[str]:
        evidence = self.world.vendors.evidence
        owners = {
            one.vendor: one.principal for one in reversed(list(evidence.calls()))
        }  # who called first, and built it
        for entry in evidence.calls(self._vendors):
            for log, text in entry.events if entry.principal != owners[entry.vendor] else ():
                if AUDIT_LOGS.get(entry.vendor) == log:
                    action = json.loads(text)["action"]
                    yield f"{entry.vendor} {action['type'] if isinstance(action, Mapping) else action}"


def _named(kind: str, facts: Mapping[str, Any], good: set[tuple[str, ...]]) -> list[str]:
    """Return what a happening raises."""
    if kind == "cloudwatch.alarm.changed":
        return [f"alarm {facts['alarm']}"] if facts["new"] == "ALARM" and not facts["scales_only"] else []
    if kind == "events.target.reached":
        return [f"rule {facts['rule'].rpartition('/')[2]}"]
    if kind in ("budgets.notification.sent", "budgets.notification.failed"):
        return [f"budget {facts['budget']}"]
    if kind == "cost.anomaly.found":
        return [f"anomaly {facts['service']}"]
    if kind == "config.compliance.changed":
        key = ("config", facts["rule"], facts["type"], facts["resource"])
        return _worse(key, f"config {facts['rule']}", good, passed=bool(facts["compliant"]))
    return []


def _event(facts: Mapping[str, Any], good: set[tuple[str, ...]]) -> list[str]:
    """Return what an event of a detecting service raises."""
    source, detail = facts["source"], facts["detail"]
    if source == "aws.guardduty" and facts["detail_type"] == "GuardDuty Finding":
        return [f"guardduty {detail['type']}"]
    if source == "aws.access-analyzer" and detail.get("status") == "ACTIVE":
        return [f"access-analyzer {detail['resourceType']}"]
    if source != "aws.securityhub":
        return []
    found: list[str] = []
    for one in detail.get("findings", ()):
        status = (one.get("Compliance") or {}).get("Status")
        name = f"securityhub {one['Title']}"
        if status is not None:
            found += _worse(("securityhub", one["Id"]), name, good, passed=status == "PASSED")
        elif one["RecordState"] == "ACTIVE" and one["Severity"].get("Label") != "INFORMATIONAL":
            found.append(name)
    return found


def _worse(key: tuple[str, ...], name: str, good: set[tuple[str, ...]], *, passed: bool) -> list[str]:
    """Return the name where what was found good before is no longer."""
    was = key in good
    (good.add if passed else good.discard)(key)
    return [name] if was and not passed else []
