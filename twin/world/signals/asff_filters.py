"""Which findings a filter of Security Hub lets through, and in which order they are told.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFindingFilters.html: filters of different
fields must all be met; of one field, those that want something are alternatives, and those that exclude must all hold.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

Finding = Mapping[str, Any]
FIELDS: dict[str, tuple[str, ...]] = {
    name: tuple(path.split("."))
    for name, path in {
        "Id": "Id", "ProductArn": "ProductArn", "AwsAccountId": "AwsAccountId", "Region": "Region",
        "GeneratorId": "GeneratorId", "Type": "Types", "Title": "Title", "Description": "Description",
        "ProductName": "ProductName", "CompanyName": "CompanyName", "RecordState": "RecordState",
        "SeverityLabel": "Severity.Label", "SeverityProduct": "Severity.Product",
        "SeverityNormalized": "Severity.Normalized", "WorkflowStatus": "Workflow.Status",
        "WorkflowState": "WorkflowState", "ComplianceStatus": "Compliance.Status",
        "ComplianceSecurityControlId": "Compliance.SecurityControlId",
        "ComplianceAssociatedStandardsId": "Compliance.AssociatedStandards.StandardsId",
        "ResourceType": "Resources.Type", "ResourceId": "Resources.Id", "ResourceRegion": "Resources.Region",
        "ResourcePartition": "Resources.Partition", "NoteText": "Note.Text", "NoteUpdatedBy": "Note.UpdatedBy",
        "NoteUpdatedAt": "Note.UpdatedAt", "VerificationState": "VerificationState", "Confidence": "Confidence",
        "Criticality": "Criticality", "CreatedAt": "CreatedAt", "UpdatedAt": "UpdatedAt",
        "FirstObservedAt": "FirstObservedAt", "LastObservedAt": "LastObservedAt", "ProductFields": "ProductFields",
        "UserDefinedFields": "UserDefinedFields",
    }.items()
}  # fmt: skip
DATES = ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt", "NoteUpdatedAt")
TESTS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda value, wanted: value == wanted,
    "PREFIX": lambda value, wanted: value.startswith(wanted),
    "CONTAINS": lambda value, wanted: wanted in value,
}
EXCLUDING = {"NOT_EQUALS": "EQUALS", "PREFIX_NOT_EQUALS": "PREFIX", "NOT_CONTAINS": "CONTAINS"}


def meets(finding: Finding, filters: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a finding meets every field's filters."""
    return all(_field(name, _values(finding, FIELDS[name]), wanted, now) for name, wanted in filters.items() if wanted)


def ordered(findings: Iterable[Finding], criteria: Iterable[Mapping[str, str]]) -> list[Finding]:
    """Return findings by the criteria, the first of which counts most."""
    found = list(findings)
    for one in reversed(list(criteria)):
        path = FIELDS.get(one["Field"], tuple(one["Field"].split(".")))
        found.sort(key=lambda finding: _key(_values(finding, path)), reverse=one.get("SortOrder") == "desc")
    return found


def _key(values: list[Any]) -> tuple[int, float, str]:
    first = values[0] if values else ""
    return (0, float(first), "") if isinstance(first, int | float) else (1, 0.0, str(first))


def _values(finding: Any, path: tuple[str, ...]) -> list[Any]:
    """Return what stands at a path, in each item of a list on the way."""
    if isinstance(finding, list | tuple):
        return [value for item in finding for value in _values(item, path)]
    if not path:
        return [] if finding is None else [finding]
    return _values(finding.get(path[0]), path[1:]) if isinstance(finding, Mapping) else []


def _field(name: str, values: list[Any], wanted: list[Mapping[str, Any]], now: datetime) -> bool:
    if name in DATES:
        return any(_dated(value, one, now) for value in values for one in wanted)
    if "Key" in wanted[0]:
        return all(_mapped(values, one) for one in wanted)
    if "Comparison" not in wanted[0]:
        return any(_numbered(float(value), one) for value in values for one in wanted)
    texts = [str(value) for value in values]
    asked = [one for one in wanted if one["Comparison"] in TESTS]
    excluded = [one for one in wanted if one["Comparison"] in EXCLUDING]
    found = not asked or any(TESTS[one["Comparison"]](text, one["Value"]) for text in texts for one in asked)
    return found and not any(
        TESTS[EXCLUDING[one["Comparison"]]](text, one["Value"]) for text in texts for one in excluded
    )


def _mapped(values: list[Any], one: Mapping[str, Any]) -> bool:
    told = [str(value[one["Key"]]) for value in values if one["Key"] in value]
    comparison = str(one.get("Comparison") or "EQUALS")
    if comparison in EXCLUDING:
        return not any(TESTS[EXCLUDING[comparison]](text, one["Value"]) for text in told)
    return any(TESTS[comparison](text, one["Value"]) for text in told)


def _numbered(value: float, one: Mapping[str, Any]) -> bool:
    return (
        ("Eq" not in one or value == one["Eq"])
        and value >= one.get("Gte", value)
        and value <= one.get("Lte", value)
        and ("Gt" not in one or value > one["Gt"])
        and ("Lt" not in one or value < one["Lt"])
    )


def _dated(value: str, one: Mapping[str, Any], now: datetime) -> bool:
    at = datetime.fromisoformat(value)
    if one.get("DateRange"):
        return now - timedelta(days=int(one["DateRange"]["Value"])) <= at <= now
    begin, end = one.get("Start"), one.get("End")
    return (not begin or datetime.fromisoformat(begin) <= at) and (not end or at <= datetime.fromisoformat(end))
