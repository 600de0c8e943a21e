"""Security Hub checks the controls of its standards by the rules of AWS Config: on changes, or twice a day.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-standards-schedule.html. Nothing is checked while
no recorder of AWS Config records, besides that this is so. A periodic check is on the agenda only while something has
changed since the last one.
"""

from datetime import datetime, timedelta
from typing import Any

from twin.semantics.pricing.usage import Where
from twin.world.behaviors import happens, watches, witnesses
from twin.world.behaviors.config_items import SERVICES, recorder_of, records
from twin.world.behaviors.config_items import Place as ConfigPlace
from twin.world.behaviors.config_rule_checks import ACCOUNT, CHECKS
from twin.world.behaviors.config_rules import Rule, judged
from twin.world.behaviors.securityhub_findings import instant, keep, key_of
from twin.world.behaviors.securityhub_hubs import HUBS, Hub, Place, hub_at
from twin.world.behaviors.securityhub_standards import enabled_controls, subscription_at
from twin.world.delays import delay
from twin.world.scene import Happening, Scene
from twin.world.signals import asff
from twin.world.signals.asff_updates import CUSTOMERS, PROVIDED
from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import read_only

RECORDER = "Config.1"
NO_LONGER = {
    "Status": "NOT_AVAILABLE",
    "StatusReasons": [
        {
            "ReasonCode": "RESOURCE_NO_LONGER_EXISTS",
            "Description": "Security Hub archived this finding because the resource no longer exists.",
        }
    ],
}
"""https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html"""


@happens("securityhub.check.first")
def first(scene: Scene, *, place: Place, subscription: str, since: str) -> None:
    """Check the controls of a new subscription that no other one has checked already."""
    place = (place[0], place[1])
    hub, found = hub_at(scene, place), subscription_at(scene, place, subscription, since=since)
    if hub is None or found is None:
        return
    known = {str(control["id"]) for control, _ in enabled_controls(hub, place[1], _checked(hub))}
    found["checked"] = True
    hub["checked"] = hub["checked"] or scene.now().isoformat()
    for control, standards in enabled_controls(hub, place[1], (found["arn"],)):
        if control["id"] not in known:
            _check(scene, place, hub, control, standards=standards)


@happens("securityhub.check")
def check(scene: Scene, *, place: Place, since: str) -> None:
    """Check all controls of a hub."""
    place = (place[0], place[1])
    hub = hub_at(scene, place)
    if hub is None or hub["since"] != since:
        return
    hub |= {"due": None, "checked": scene.now().isoformat()}
    for control, standards in enabled_controls(hub, place[1], _checked(hub)):
        _check(scene, place, hub, control, standards=standards)


def _checked(hub: Hub) -> set[str]:
    """Return the ARNs of the standards whose first checks are done."""
    return {one["arn"] for one in hub["standards"].values() if one["checked"]}


@happens("securityhub.controls.archive")
def disabled(scene: Scene, *, place: Place, since: str, controls: list[str]) -> None:
    """Archive the findings of controls that no standard has had any more for days."""
    place = (place[0], place[1])
    hub = hub_at(scene, place)
    if hub is None or hub["since"] != since:
        return
    ended = set(controls) - {str(control["id"]) for control, _ in enabled_controls(hub, place[1])}
    for control in sorted(ended):
        _archive(scene, place, hub, control, here=None)


@watches("config.items.recorded")
def recorded(scene: Scene, happening: Happening) -> None:
    """Check the controls that look at what was recorded."""
    place = (happening.facts["account"], happening.facts["region"])
    hub = hub_at(scene, place)
    if hub is None:
        return
    kinds = {kind for kind, _ in happening.facts["resources"]}
    for control, standards in enabled_controls(hub, place[1], _checked(hub)):
        rule = CHECKS.get(control["rule"])
        if rule is not None and not rule.periodic and rule.type in kinds:
            _check(scene, place, hub, control, standards=standards)


@witnesses
def changed(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Have the periodic controls look again when they next would, for something changed."""
    if not scene.memory.get(HUBS) or entry.status >= 400 or read_only(entry.service, entry.operation):
        return
    if entry.service not in SERVICES and entry.service != "config":
        return
    for place, hub in scene.memory[HUBS].items():
        if place[0] == entry.account and hub["checked"] is not None and hub["due"] is None:
            last = datetime.fromisoformat(hub["checked"])
            span = timedelta(seconds=delay("securityhub.periodic").least)
            due = last + span * ((scene.now() - last) // span + 1)
            hub["due"] = scene.agenda.at(due, "securityhub.check", place=place, since=hub["since"])


def _check(scene: Scene, place: Place, hub: Hub, control: Any, *, standards: list[str]) -> None:
    found = _results(scene, place, control)
    if found is None:
        return
    now = instant(scene)
    for resource, passed in found.items():
        paid = Where(place[0], place[1], "securityhub", "PaidComplianceCheck", str(control["id"]))
        scene.meter.count(paid, 1, scene.now())
        made = asff.of_control(control, resource, place, passed=passed, standards=standards, now=now)
        old = hub["findings"].get(key_of(made))
        if old is None or _differs(old, made):
            keep(scene, place, made, checked=True)
    here = {f"AWS::::Account:{id_}" if kind == ACCOUNT else id_ for kind, id_ in found}
    _archive(scene, place, hub, str(control["id"]), here=here)


def _differs(old: asff.Finding, new: asff.Finding) -> bool:
    provided = old["FindingProviderFields"]["Severity"] != new["Severity"]
    return provided or any(old[name] != new[name] for name in ("Compliance", "RecordState"))


def _results(scene: Scene, place: Place, control: Any) -> dict[tuple[str, str], bool] | None:
    """Return whether each resource passes; None where it cannot be known."""
    recorder = recorder_of(scene, ConfigPlace(*place))
    if control["id"] == RECORDER:
        return {(ACCOUNT, place[0]): recorder is not None}
    check_ = CHECKS[control["rule"]]
    by_changes = check_.account is None and not check_.periodic
    if recorder is None or (by_changes and not records(recorder, check_.type)):
        return None
    rule = Rule(place[0], place[1], f"securityhub-{control['id']}")
    return dict(judged(scene, rule, check_, parameters=control.get("parameters", {})))


def _archive(scene: Scene, place: Place, hub: Hub, control: str, *, here: set[str] | None) -> None:
    """Archive what Security Hub itself found of resources that are no more, or of all where the control is disabled."""
    for finding in list(hub["findings"].values()):
        mine = finding["ProductArn"].endswith("::product/aws/securityhub") and finding["RecordState"] == "ACTIVE"
        if not mine or finding["Compliance"]["SecurityControlId"] != control:
            continue
        if here is None or finding["Resources"][0]["Id"] not in here:
            why = {} if here is None else {"Compliance": {**finding["Compliance"], **NO_LONGER}}
            keep(scene, place, _archived(finding, instant(scene)) | why, checked=True)


def _archived(finding: asff.Finding, now: str) -> asff.Finding:
    """Return the update that archives a finding; what customers said of it is theirs."""
    said = (*PROVIDED, *CUSTOMERS, "FindingProviderFields")
    told = {name: value for name, value in finding.items() if name not in said}
    return told | {"RecordState": "ARCHIVED", "UpdatedAt": now}
