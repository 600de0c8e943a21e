"""Findings come into Security Hub from other services and from callers, are told to EventBridge, read and marked.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-integration-types.html: every new finding and
every update of one is an event of its own.
"""

from typing import Any

from twin.semantics.pricing.usage import Where
from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.securityhub_hubs import Hub, Place, hub_at, hub_of, place_of
from twin.world.scene import Happening, Scene
from twin.world.signals import asff
from twin.world.signals.asff_filters import FIELDS, meets, ordered

SOURCES = {"aws.guardduty": "guardduty", "aws.config": "config", "aws.access-analyzer": "access_analyzer"}
KINDS = ("GuardDuty Finding", "Config Rules Compliance Change", "Access Analyzer Finding")
BATCH, PAGE = 100, 100
OURS = ("Note", "UserDefinedFields", "VerificationState", "Workflow", "Criticality", "Confidence")
"""What callers say of a finding, and its provider does not change any more."""
MARKS = ("Confidence", "Criticality", "Types", "UserDefinedFields", "VerificationState", "RelatedFindings")
DUPLICATED = {"ErrorCode": "DuplicatedFindingIdentifier", "ErrorMessage": "Finding Identifier is duplicated"}
NOT_FOUND = {"ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found"}
RESET = ("NOTIFIED", "RESOLVED")
REQUIRED = (
    "SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "CreatedAt", "UpdatedAt", "Title",
    "Description", "Resources",
)  # fmt: skip


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


def keep(scene: Scene, place: Place, finding: asff.Finding, *, checked: bool = False) -> None:
    """Keep a finding or its update, meter it unless a check of Security Hub's own made it, and tell of it."""
    hub = hub_at(scene, place)
    if hub is None:
        return
    if not checked:
        paid = Where(place[0], place[1], "securityhub", "OtherProductFindingIngestion", "")
        scene.meter.count(paid, 1, scene.now())
    key = f"{finding['ProductArn']}|{finding['Id']}"
    old = hub["findings"].get(key)
    made = finding if old is None else _updated(old, finding, by_control=checked)
    hub["findings"][key] = made
    scene.emit("securityhub.finding.imported", account=place[0], region=place[1], id=made["Id"], title=made["Title"])
    tell(scene, place, made)


def _updated(old: asff.Finding, new: asff.Finding, *, by_control: bool) -> asff.Finding:
    """Return a finding with its provider's update; what callers said of it stays, unless trouble came back."""
    made = old | new | {"CreatedAt": old["CreatedAt"]} | {name: old[name] for name in OURS if name in old}
    if "FirstObservedAt" in old:
        made["FirstObservedAt"] = old["FirstObservedAt"]
    was, is_ = ((one.get("Compliance") or {}).get("Status") for one in (old, new))
    back = (was == "PASSED" and is_ not in (None, "PASSED")) or (
        old["RecordState"] == "ARCHIVED" and new["RecordState"] == "ACTIVE"
    )
    if back and old["Workflow"]["Status"] in RESET:
        made["Workflow"] = {"Status": "NEW"}
    if by_control and is_ == "PASSED" and old["Workflow"]["Status"] != "SUPPRESSED":
        made["Workflow"] = {"Status": "RESOLVED"}
    return made


def tell(scene: Scene, place: Place, finding: asff.Finding) -> None:
    """Tell EventBridge of a finding."""
    scene.emit(
        "aws.event", account=place[0], region=place[1], source="aws.securityhub",
        detail_type="Security Hub Findings - Imported", resources=[f"{finding['ProductArn']}/{finding['Id']}"],
        detail={"findings": [dict(finding)]},
    )  # fmt: skip


@answers("securityhub", "BatchImportFindings")
def batch_import(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take findings that a caller found; each is taken or refused by itself."""
    hub_of(asked, scene)
    place, given = place_of(asked), asked.parameters["Findings"]
    if len(given) > BATCH:
        message = f"Invalid parameter 'Findings'. data.Findings should NOT have more than {BATCH} items"
        raise AwsError("InvalidInputException", message)
    failed = []
    for finding in given:
        if (wrong := _wrong(finding, place)) is not None:
            failed.append({"Id": finding.get("Id", ""), "ErrorCode": "InvalidInput", "ErrorMessage": wrong})
            continue
        name = finding["Severity"].get("Label") if finding.get("Severity") else None
        label = name or "INFORMATIONAL"
        told = {"RecordState": "ACTIVE", "Workflow": {"Status": "NEW"}, "WorkflowState": "NEW", "Region": place[1]}
        own = {"Severity": {**asff.severity(label), **finding.get("Severity", {})}}
        keep(scene, place, told | finding | own)
    return {"FailedCount": len(failed), "SuccessCount": len(given) - len(failed), "FailedFindings": failed}


def _wrong(finding: asff.Finding, place: Place) -> str | None:
    """Say what the format lacks or forbids of a finding."""
    lacking = [name for name in REQUIRED if not finding.get(name)]
    if lacking:
        return f"Finding does not adhere to Amazon Finding Format. data should have required property '{lacking[0]}'."
    if "Severity" not in finding and "FindingProviderFields" not in finding:
        return "Finding does not adhere to Amazon Finding Format. data should have required property 'Severity'."
    if not finding.get("Types") and not (finding.get("FindingProviderFields") or {}).get("Types"):
        return "Finding does not adhere to Amazon Finding Format. data should have required property 'Types'."
    own = f"arn:aws:securityhub:{place[1]}:{place[0]}:product/{place[0]}/default"
    if finding["ProductArn"] != own or finding["AwsAccountId"] != place[0]:
        return f"Not authorized to perform this operation for product {finding['ProductArn']}"
    return None


@answers("securityhub", "GetFindings")
def findings(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell findings, those of linked Regions too where this one aggregates, page by page."""
    hub, told = hub_of(asked, scene), asked.parameters
    filters, size = told.get("Filters") or {}, int(told.get("MaxResults") or PAGE)
    for name in filters:
        if name not in FIELDS:
            raise AwsError("TwinUnsupportedOperation", f"The twin does not filter findings by {name}.")
    token = told.get("NextToken") or "0"
    if not token.isdigit():
        raise AwsError("InvalidInputException", "Invalid NextToken")
    all_ = [one for place in _places(asked, scene, hub) for one in (hub_at(scene, place) or hub)["findings"].values()]
    found = ordered([one for one in all_ if meets(one, filters, scene.now())], told.get("SortCriteria") or ())
    begin = int(token)
    page: dict[str, Any] = {"Findings": found[begin : begin + size]}
    return page | ({"NextToken": str(begin + size)} if begin + size < len(found) else {})


def _places(asked: Asked, scene: Scene, hub: Hub) -> list[Place]:
    """Return the places whose findings are seen from here."""
    own = place_of(asked)
    linked = hub.get("linked")
    there = [place for place in scene.memory["securityhub.hubs"] if place[0] == own[0] and place != own]
    return [own, *(place for place in there if linked is not None and (linked == "*" or place[1] in linked))]


@answers("securityhub", "BatchUpdateFindings")
def update(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Write what a caller says of findings: workflow, note, severity and the like."""
    hub_of(asked, scene)
    place, told = place_of(asked), asked.parameters
    done, undone, seen = [], [], set[str]()
    for one in told["FindingIdentifiers"]:
        key = f"{one['ProductArn']}|{one['Id']}"
        hub = next((held for held in _seen(asked, scene) if key in held["findings"]), None)
        if key in seen or hub is None:
            why = DUPLICATED if key in seen else NOT_FOUND
            undone.append({"FindingIdentifier": dict(one), **why})
            continue
        seen.add(key)
        made = hub["findings"][key] = _marked(hub["findings"][key], told, instant(scene))
        tell(scene, place, made)
        done.append(dict(one))
    return {"ProcessedFindings": done, "UnprocessedFindings": undone}


def _seen(asked: Asked, scene: Scene) -> list[Hub]:
    hub = hub_of(asked, scene)
    return [hub_at(scene, place) or hub for place in _places(asked, scene, hub)]


def _marked(finding: asff.Finding, told: dict[str, Any], now: str) -> asff.Finding:
    made = finding | {name: told[name] for name in MARKS if name in told}
    if "Note" in told:
        made["Note"] = {**told["Note"], "UpdatedAt": now}
    if "Workflow" in told:
        made["Workflow"] = dict(told["Workflow"])
    if "Severity" in told:
        label = told["Severity"].get("Label")
        made["Severity"] = {**finding["Severity"], **(asff.severity(label) if label else {}), **told["Severity"]}
    return made | {"UpdatedAt": now}
