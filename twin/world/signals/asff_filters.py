"""Which findings a filter of Security Hub lets through, and in which order they are told.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFindingFilters.html: filters of different
fields must all be met; of one field, those that want something are alternatives, and those that exclude must all hold.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from twin.world.signals.asff_format import instant_of

Finding = Mapping[str, Any]
Wish = Mapping[str, Any]
TEXTS = {
    "Id": "Id", "ProductArn": "ProductArn", "AwsAccountId": "AwsAccountId", "Region": "Region",
    "GeneratorId": "GeneratorId", "Type": "Types", "Title": "Title", "Description": "Description",
    "ProductName": "ProductName", "CompanyName": "CompanyName", "RecordState": "RecordState",
    "SeverityLabel": "Severity.Label", "WorkflowStatus": "Workflow.Status", "WorkflowState": "WorkflowState",
    "ComplianceStatus": "Compliance.Status", "ComplianceSecurityControlId": "Compliance.SecurityControlId",
    "ComplianceAssociatedStandardsId": "Compliance.AssociatedStandards.StandardsId",
    "ResourceType": "Resources.Type", "ResourceId": "Resources.Id", "ResourceRegion": "Resources.Region",
    "ResourcePartition": "Resources.Partition", "NoteText": "Note.Text", "NoteUpdatedBy": "Note.UpdatedBy",
    "VerificationState": "VerificationState", "SourceUrl": "SourceUrl",
    "RecommendationText": "Remediation.Recommendation.Text", "RelatedFindingsProductArn": "RelatedFindings.ProductArn",
    "RelatedFindingsId": "RelatedFindings.Id", "MalwareName": "Malware.Name", "MalwareType": "Malware.Type",
    "ResourceAwsIamAccessKeyPrincipalName": "Resources.Details.AwsIamAccessKey.PrincipalName",
    "FindingProviderFieldsSeverityLabel": "FindingProviderFields.Severity.Label",
    "FindingProviderFieldsSeverityOriginal": "FindingProviderFields.Severity.Original",
    "FindingProviderFieldsTypes": "FindingProviderFields.Types",
    "FindingProviderFieldsRelatedFindingsId": "FindingProviderFields.RelatedFindings.Id",
    "FindingProviderFieldsRelatedFindingsProductArn": "FindingProviderFields.RelatedFindings.ProductArn",
}  # fmt: skip
NUMBERS = {
    "SeverityProduct": "Severity.Product", "SeverityNormalized": "Severity.Normalized", "Confidence": "Confidence",
    "Criticality": "Criticality", "FindingProviderFieldsConfidence": "FindingProviderFields.Confidence",
    "FindingProviderFieldsCriticality": "FindingProviderFields.Criticality",
}  # fmt: skip
DATES = {
    "CreatedAt": "CreatedAt", "UpdatedAt": "UpdatedAt", "FirstObservedAt": "FirstObservedAt",
    "LastObservedAt": "LastObservedAt", "NoteUpdatedAt": "Note.UpdatedAt",
}  # fmt: skip
MAPS = {"ProductFields": "ProductFields", "UserDefinedFields": "UserDefinedFields", "ResourceTags": "Resources.Tags"}
FIELDS = TEXTS | NUMBERS | DATES | MAPS
TESTS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda value, wanted: value == wanted,
    "PREFIX": lambda value, wanted: value.startswith(wanted),
}
EXCLUDING = {"NOT_EQUALS": "EQUALS", "PREFIX_NOT_EQUALS": "PREFIX"}
OF_MAPS = ("EQUALS", "NOT_EQUALS")
OF_RULES = ("CONTAINS", "NOT_CONTAINS", "CONTAINS_WORD")
"""Only automation rules and the second version of the API compare so, by API_StringFilter and API_MapFilter."""
BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "Eq": lambda value, bound: value == bound,
    "Gte": lambda value, bound: value >= bound,
    "Lte": lambda value, bound: value <= bound,
    "Gt": lambda value, bound: value > bound,
    "Lt": lambda value, bound: value < bound,
}
MOST_FIELDS, MOST_VALUES = 10, 20
"""https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html"""


def wrong_filter(filters: Mapping[str, Any]) -> str | None:
    """Say what is wrong with filters of fields that are in FIELDS; None when nothing is."""
    asked = {name: wishes for name, wishes in filters.items() if wishes}
    if len(asked) > MOST_FIELDS:
        return f"data.Filters should NOT have more than {MOST_FIELDS} properties"
    for name, wishes in asked.items():
        if len(wishes) > MOST_VALUES:
            return f"data.Filters.{name} should NOT have more than {MOST_VALUES} items"
        for number, one in enumerate(wishes):
            if (fault := _fault(name, one)) is not None:
                return f"data.Filters.{name}[{number}]{fault}"
        if name not in NUMBERS | DATES and _contrary(wishes, keyed=name in MAPS):
            return f"data.Filters.{name} should NOT have both EQUALS and NOT_EQUALS or PREFIX_NOT_EQUALS"
    return None


def _fault(name: str, one: Wish) -> str | None:
    if name in NUMBERS:
        return None if any(bound in one for bound in BOUNDS) else " should NOT have fewer than 1 properties"
    if name in DATES:
        return _fault_of_date(one)
    for part in ("Key", "Value", "Comparison") if name in MAPS else ("Value", "Comparison"):
        if part not in one:
            return f" should have required property '{part}'"
    comparison = one["Comparison"]
    if comparison in OF_RULES:
        return f".Comparison {comparison} is not supported by this operation"
    allowed: Iterable[str] = OF_MAPS if name in MAPS else (*TESTS, *EXCLUDING)
    return None if comparison in allowed else ".Comparison should be equal to one of the allowed values"


def _fault_of_date(one: Wish) -> str | None:
    if "DateRange" in one:
        span = one["DateRange"]
        if span.get("Unit", "DAYS") != "DAYS" or span.get("Comparison", "WITHIN") not in ("WITHIN", "OLDER_THAN"):
            return ".DateRange should be equal to one of the allowed values"
        return None if "Value" in span else ".DateRange should have required property 'Value'"
    if "Start" not in one and "End" not in one:
        return " should NOT have fewer than 1 properties"
    wrong = next((part for part in ("Start", "End") if part in one and instant_of(one[part]) is None), None)
    return None if wrong is None else f'.{wrong} should match format "date-time"'


def _contrary(wishes: Iterable[Wish], *, keyed: bool) -> bool:
    """Tell whether one field is wanted and excluded as a whole, which Security Hub refuses."""
    wanted = {one["Key"] if keyed else "" for one in wishes if one["Comparison"] == "EQUALS"}
    return any(one["Comparison"] in EXCLUDING and (one["Key"] if keyed else "") in wanted for one in wishes)


def meets(finding: Finding, filters: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a finding meets every field's filters, with which nothing is wrong."""
    return all(
        _field(name, values_at(finding, FIELDS[name]), wanted, now) for name, wanted in filters.items() if wanted
    )


def ordered(findings: Iterable[Finding], criteria: Iterable[Mapping[str, str]]) -> list[Finding]:
    """Return findings by the criteria, the first of which counts most."""
    found = list(findings)
    for one in reversed(list(criteria)):
        path = FIELDS.get(one["Field"], one["Field"])
        found.sort(key=lambda finding: _key(values_at(finding, path)), reverse=one.get("SortOrder") == "desc")
    return found


def _key(values: list[Any]) -> tuple[int, float, str]:
    first = values[0] if values else ""
    return (0, float(first), "") if isinstance(first, int | float) else (1, 0.0, str(first))


def values_at(finding: Any, path: str) -> list[Any]:
    """Return what stands at a path, in each item of a list on the way."""
    if isinstance(finding, list | tuple):
        return [value for item in finding for value in values_at(item, path)]
    if not path:
        return [] if finding is None else [finding]
    name, _, rest = path.partition(".")
    return values_at(finding.get(name), rest) if isinstance(finding, Mapping) else []


def _field(name: str, values: list[Any], wanted: list[Wish], now: datetime) -> bool:
    if name in DATES:
        return any(_dated(str(value), one, now) for value in values for one in wanted)
    if name in NUMBERS:
        return any(_numbered(float(value), one) for value in values for one in wanted)
    if name in MAPS:
        return _compared(wanted, lambda one: [str(value[one["Key"]]) for value in values if one["Key"] in value])
    texts = [str(value) for value in values]
    return _compared(wanted, lambda _: texts)


def _compared(wanted: list[Wish], texts: Callable[[Wish], list[str]]) -> bool:
    """Tell whether one of the wishes is met, if there are any, and nothing that is excluded is there."""
    asked = [one for one in wanted if one["Comparison"] in TESTS]
    found = not asked or any(TESTS[one["Comparison"]](text, one["Value"]) for one in asked for text in texts(one))
    return found and not any(
        TESTS[EXCLUDING[one["Comparison"]]](text, one["Value"])
        for one in wanted
        if one["Comparison"] in EXCLUDING
        for text in texts(one)
    )


def _numbered(value: float, one: Wish) -> bool:
    return all(test(value, one[bound]) for bound, test in BOUNDS.items() if bound in one)


def _dated(value: str, one: Wish, now: datetime) -> bool:
    at = instant_of(value)
    if at is None:
        return False
    if "DateRange" in one:
        since = now - timedelta(days=int(one["DateRange"]["Value"]))
        return at < since if one["DateRange"].get("Comparison") == "OLDER_THAN" else since <= at <= now
    begin, end = (instant_of(one.get(part)) for part in ("Start", "End"))
    return (begin is None or begin <= at) and (end is None or at <= end)
