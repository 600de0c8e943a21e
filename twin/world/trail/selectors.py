"""Which events a trail takes: its basic or its advanced event selectors.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html, API_AdvancedFieldSelector.html
"""

from collections.abc import Callable
from typing import Any

from twin.world.trail.evidence import Evidence, Witnessed
from twin.world.trail.facts import GLOBAL_SERVICES, data_type, event_name, event_region, event_source, read_only
from twin.world.trail.s3_elements import s3_resources

DEFAULT = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
# What a value of a basic selector covers when it names a whole bucket, a service or one resource.
ANY = {"arn:aws:s3", "arn:aws:s3:::", "arn:aws:lambda", "arn:aws:dynamodb"}
TESTS: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda value, wanted: value == wanted,
    "StartsWith": lambda value, wanted: value.startswith(wanted),
    "EndsWith": lambda value, wanted: value.endswith(wanted),
}


def takes(trail: Any, entry: Witnessed, evidence: Evidence) -> bool:
    """Tell whether a trail that logs takes an event of its account."""
    region = event_region(entry.service, entry.region)
    if not (trail.is_multi_region or trail.region_name == region):
        return False
    if entry.service in GLOBAL_SERVICES and not trail.include_global_service_events:
        return False
    if trail.advanced_event_selectors and not trail.event_selectors:
        return any(_advanced(selector, entry, evidence) for selector in trail.advanced_event_selectors)
    return any(_basic(selector, entry, evidence) for selector in trail.event_selectors or [DEFAULT])


def _basic(selector: dict[str, Any], entry: Witnessed, evidence: Evidence) -> bool:
    wanted = selector.get("ReadWriteType") or "All"
    if wanted != "All" and (wanted == "ReadOnly") != read_only(entry.service, entry.operation):
        return False
    kind = data_type(entry.service, entry.operation)
    if kind is None:
        excluded = selector.get("ExcludeManagementEventSources") or ()
        return bool(selector.get("IncludeManagementEvents", True)) and event_source(entry.service) not in excluded
    for resource in selector.get("DataResources") or ():
        if resource.get("Type") == kind and _covers(resource.get("Values") or (), entry, evidence):
            return True
    return False


def _covers(values: Any, entry: Witnessed, evidence: Evidence) -> bool:
    arns = _arns(entry, evidence)
    return any(value in ANY or any(arn.startswith(value) for arn in arns) for value in values)


def _advanced(selector: dict[str, Any], entry: Witnessed, evidence: Evidence) -> bool:
    return all(_field(field, entry, evidence) for field in selector.get("FieldSelectors", ()))


def _field(field: dict[str, Any], entry: Witnessed, evidence: Evidence) -> bool:
    value = _value(field["Field"], entry, evidence)
    for operator, test in TESTS.items():
        if operator in field and not any(test(value, wanted) for wanted in field[operator]):
            return False
        if any(test(value, wanted) for wanted in field.get(f"Not{operator}", ())):
            return False
    return True


def _value(field: str, entry: Witnessed, evidence: Evidence) -> str:
    kind = data_type(entry.service, entry.operation)
    if field == "eventCategory":
        return "Data" if kind else "Management"
    if field == "readOnly":
        return "true" if read_only(entry.service, entry.operation) else "false"
    if field == "eventSource":
        return event_source(entry.service)
    if field == "eventName":
        return event_name(entry.service, entry.operation)
    if field == "resources.type":
        return kind or ""
    if field == "userIdentity.arn":
        return str(entry.identity.get("arn", ""))
    if field == "eventType":
        return "AwsApiCall"
    if field == "sessionCredentialFromConsole":
        return "false"
    if field == "resources.ARN":
        arns = _arns(entry, evidence)
        return str(arns[0]) if arns else ""
    return ""


def _arns(entry: Witnessed, evidence: Evidence) -> list[str]:
    # What S3's data events are about stands in the URL; for the others the event has to be written.
    told = s3_resources(entry) if entry.service == "s3" else evidence.event(entry.number).get("resources", ())
    return [resource.get("ARN") or resource["ARNPrefix"] for resource in told]
