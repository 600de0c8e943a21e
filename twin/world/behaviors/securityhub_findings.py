"""Findings come into Security Hub from other services, are kept and told to EventBridge.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-integration-types.html: every new finding and
every update of one is an event of its own.
"""

from collections.abc import Mapping
from typing import Any

from twin.semantics.pricing.usage import Where
from twin.world.behaviors import happens, watches
from twin.world.behaviors.securityhub_hubs import Hub, Place, hub_at, seen_at
from twin.world.scene import Happening, Scene
from twin.world.signals import asff, asff_updates

SOURCES = {"aws.guardduty": "guardduty", "aws.config": "config", "aws.access-analyzer": "access_analyzer"}
KINDS = ("GuardDuty Finding", "Config Rules Compliance Change", "Access Analyzer Finding")
OWN = "aws/securityhub"


@watches("aws.event")
def heard(scene: Scene, happening: Happening) -> None:
    """Take a finding of another service some minutes after it is told."""
    facts = happening.facts
    source = SOURCES.get(facts["source"])
    place = (facts["account"], facts["region"])
    if source is None or facts["detail_type"] not in KINDS or hub_at(scene, place) is None:
        return
    event = {"detail": facts["detail"], "resources": list(facts["resources"])}
    scene.after(scene.delay(f"securityhub.{source}"), "securityhub.import", place=place, source=source, event=event)


@happens("securityhub.import")
def imported(scene: Scene, *, place: Place, source: str, event: dict[str, Any]) -> None:
    """Keep a finding of another service."""
    account, region = place
    if source == "guardduty":
        finding = asff.of_guardduty(event, region, account)
    elif source == "config":
        finding = asff.of_config(event, region, account, instant(scene))
    else:
        finding = asff.of_analyzer(event, region, account)
    keep(scene, (account, region), finding)


def instant(scene: Scene) -> str:
    """Return the instant as findings write it."""
    return f"{scene.now():%Y-%m-%dT%H:%M:%S}.{scene.now().microsecond // 1000:03d}Z"


def key_of(finding: Mapping[str, Any]) -> str:
    """Return what a finding is kept by: its product and its id there."""
    return f"{finding['ProductArn']}|{finding['Id']}"


def keep(scene: Scene, place: Place, finding: asff.Finding, *, checked: bool = False) -> None:
    """Keep a finding or its update, meter it unless a check of Security Hub's own made it, and tell of it."""
    hub = hub_at(scene, place)
    if hub is None:
        return
    if not checked:
        paid = Where(place[0], place[1], "securityhub", "OtherProductFindingIngestion", "")
        scene.meter.count(paid, 1, scene.now())
    key = key_of(finding)
    made = _made(hub, key, finding, checked=checked)
    made |= {"ProcessedAt": instant(scene), "ProductFields": {**made.get("ProductFields", {}), **_reserved(made)}}
    hub["findings"][key] = made
    scene.emit("securityhub.finding.imported", account=place[0], region=place[1], id=made["Id"], title=made["Title"])
    tell(scene, place, made)


def _made(hub: Hub, key: str, finding: asff.Finding, *, checked: bool) -> asff.Finding:
    old = hub["findings"].get(key)
    if old is None:
        return asff_updates.created(finding)
    made = asff_updates.updated(old, finding, hub["marks"].get(key, ()))
    if checked and made["Compliance"]["Status"] == "PASSED" and old["Workflow"]["Status"] != "SUPPRESSED":
        made["Workflow"] = {"Status": "RESOLVED"}
    return made


def _reserved(finding: asff.Finding) -> dict[str, str]:
    """Return the fields of a product that Security Hub writes by itself."""
    own = finding["ProductArn"].endswith("/default")
    return {
        f"{OWN}/FindingId": f"{finding['ProductArn']}/{finding['Id']}",
        f"{OWN}/ProductName": "Default" if own else finding["ProductName"],
        f"{OWN}/CompanyName": "Personal" if own else finding["CompanyName"],
    }


def tell(scene: Scene, place: Place, finding: asff.Finding) -> None:
    """Tell EventBridge of a finding, wherever it is seen."""
    for account, region in seen_at(scene, place):
        scene.emit(
            "aws.event", account=account, region=region, source="aws.securityhub",
            detail_type="Security Hub Findings - Imported", resources=[f"{finding['ProductArn']}/{finding['Id']}"],
            detail={"findings": [dict(finding)]},
        )  # fmt: skip
