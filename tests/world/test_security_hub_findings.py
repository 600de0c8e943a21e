"""Findings as their providers import them and as customers mark them: who may say what, and what is refused."""

import pytest
from hub_findings import ACCOUNT, OWN, REGION, events, own
from refused import refusal

LATER = "2026-01-02T00:00:00Z"
ID = [{"Id": "a", "ProductArn": OWN}]


@pytest.fixture
def hub(clients):
    """Security Hub without standards."""
    client = clients("securityhub")
    client.enable_security_hub(EnableDefaultStandards=False)
    return client


def kept(hub):
    """The one finding that is there."""
    (found,) = hub.get_findings()["Findings"]
    return found


def imported(hub, finding):
    """Import a finding, and return why it failed, if it did."""
    told = hub.batch_import_findings(Findings=[finding])
    assert told["SuccessCount"] + told["FailedCount"] == 1
    return [(one["ErrorCode"], one["ErrorMessage"]) for one in told["FailedFindings"]]


def without(*names, **more):
    """A finding that lacks attributes."""
    return {name: value for name, value in own("a", **more).items() if name not in names}


def test_severity_is_whole_whichever_half_is_given(hub):
    """A figure gives its label and a label its figure, at each border of the documented ranges."""
    given = [{"Normalized": figure} for figure in (0, 1, 39, 40, 69, 70, 89, 90, 100)] + [{"Label": "CRITICAL"}]
    hub.batch_import_findings(Findings=[own(f"f{number}", Severity=one) for number, one in enumerate(given)])
    found = [one["Severity"] for one in hub.get_findings(SortCriteria=[{"Field": "Id"}])["Findings"]]
    assert [one["Label"] for one in found] == [
        "INFORMATIONAL", "LOW", "LOW", "MEDIUM", "MEDIUM", "HIGH", "HIGH", "CRITICAL", "CRITICAL", "CRITICAL",
    ]  # fmt: skip
    assert [one["Normalized"] for one in found] == [0, 1, 39, 40, 69, 70, 89, 90, 100, 90]


def test_what_stands_in_finding_provider_fields_counts(hub):
    """It stands above as well, before what is given there; what is only given above is the provider's too."""
    fields = {"Severity": {"Label": "LOW", "Original": "2"}, "Types": ["TTPs"], "Confidence": 0}
    assert imported(hub, without("Types", FindingProviderFields=fields, Criticality=7)) == []
    found = kept(hub)
    assert (found["Severity"]["Label"], found["Severity"]["Normalized"], found["Types"]) == ("LOW", 1, ["TTPs"])
    assert (found["Confidence"], found["Criticality"]) == (0, 7)
    assert found["FindingProviderFields"] == {
        "Confidence": 0, "Criticality": 7, "Severity": {"Label": "LOW", "Original": "2"},
        "Types": ["TTPs"],
    }  # fmt: skip


def test_what_security_hub_fills_in_is_not_its_callers(hub):
    """The Region and the reserved product fields are Security Hub's, the product's name is a custom product's own."""
    fields = {"aws/securityhub/ProductName": "GuardDuty", "mine": "1"}
    imported(hub, own("a", Region="eu-west-1", ProductFields=fields, ProductName="Scanner"))
    found = kept(hub)
    assert (found["Region"], found["ProductName"], found["CompanyName"]) == (REGION, "Scanner", "Personal")
    assert found["ProductFields"] == {
        "mine": "1", "aws/securityhub/FindingId": f"{OWN}/a", "aws/securityhub/ProductName": "Default",
        "aws/securityhub/CompanyName": "Personal",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (own("a", Severity={}), "data.Severity should match some schema in anyOf"),
        (own("a", Severity={"Original": "9"}), "data.Severity should match some schema in anyOf"),
        (without("Severity"), "data should have required property 'FindingProviderFields', data should match some"),
        (without("Types"), "data should have required property 'FindingProviderFields', data should match some"),
        (own("a", FindingProviderFields={"Severity": {}}), "data.FindingProviderFields.Severity should match some"),
        (own("a", Severity={"Label": "SEVERE"}), "data.Severity.Label should be equal to one of the allowed values"),
        (own("a", Severity={"Normalized": 101}), "data.Severity.Normalized should be <= 100"),
        (own("a", Confidence=-1), "data.Confidence should be >= 0"),
        (own("a", CreatedAt="yesterday"), 'data.CreatedAt should match pattern "'),
        (own("a", UpdatedAt="2026-01-01"), 'data.UpdatedAt should match pattern "'),
        (own("a", UpdatedAt="2026-01-01T00:00:00"), 'data.UpdatedAt should match pattern "'),
        (own("a", LastObservedAt="2026-02-31T00:00:00Z"), 'data.LastObservedAt should match pattern "'),
        (own("a", Resources=[]), "data.Resources should NOT have fewer than 1 items."),
        (own("a", Types=["a/b/c/d"]), r'data.Types[0] should match pattern "^([^/]+)(/[^/]+){0,2}$".'),
        (own("a", Title="x" * 257), "data.Title should NOT be longer than 256 characters."),
        (own("a", Remediation={"Recommendation": {"Text": "x" * 513}}), "Text should NOT be longer than 512 char"),
        (own("a", SchemaVersion="2"), "data.SchemaVersion should be equal to one of the allowed values."),
        (own("a", ProductFields={"k": "x" * 2049}), "data.ProductFields['k'] should NOT be longer than 2048"),
    ],
)
def test_what_the_format_forbids_fails_by_itself(hub, finding, says):
    """It is told in the words of the validator, and nothing is kept; the finding next to it is taken."""
    told = hub.batch_import_findings(Findings=[finding, own("good")])
    (failed,) = told["FailedFindings"]
    assert (failed["Id"], failed["ErrorCode"], told["SuccessCount"]) == ("a", "InvalidInput", 1)
    assert failed["ErrorMessage"].startswith("Finding does not adhere to Amazon Finding Format. ")
    assert says in failed["ErrorMessage"]
    assert kept(hub)["Id"] == "good"


@pytest.mark.parametrize("at", ["2026-01-01T00:00:00.123456789Z", "2024-01-04T15:25:10-1759", "2016-12-31t23:59:60z"])
def test_every_documented_form_of_a_timestamp_is_taken(hub, at):
    """With nine digits, an offset without colon, a leap second."""
    assert imported(hub, own("a", CreatedAt=at, UpdatedAt=at)) == []
    assert hub.get_findings(Filters={"CreatedAt": [{"End": "2026-03-01T00:00:00Z"}]})["Findings"]


def test_a_finding_is_too_large_beyond_240_kilobytes(hub):
    """Whoever sends one is told so; just below it is taken."""
    details = {"Other": {"text": "x" * 250_000}}
    big = own("a", Resources=[{"Type": "Other", "Id": "thing", "Details": details}])
    assert imported(hub, big) == [("FindingSizeExceeded", "Finding size exceeded 240 KB")]
    details["Other"]["text"] = "x" * 240_000
    assert imported(hub, big) == []


@pytest.mark.parametrize(
    "more",
    [
        {"ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/guardduty"},
        {"ProductArn": f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:product/{ACCOUNT}/default"},
        {"AwsAccountId": "210987654321"},
    ],
)
def test_nobody_imports_findings_of_another_product_or_account(hub, more):
    """The whole call is denied: what it has besides is not taken either."""
    findings = [own("mine"), own("a", **more)]
    assert refusal(hub.batch_import_findings, Findings=findings) == ("AccessDeniedException", 403)
    assert hub.get_findings()["Findings"] == []
    assert refusal(hub.batch_import_findings, Findings=[own(f"f{n}") for n in range(101)])[0] == "InvalidInputException"


def test_an_update_counts_if_it_is_newer(hub, world):
    """One of the same instant or before is ignored, and nobody is told of it."""
    imported(hub, own("a"))
    for at in ("2026-01-01T00:00:00Z", "2025-12-31T00:00:00Z", "2026-01-01T01:00:00+0100"):
        assert imported(hub, own("a", Title="Ignored", UpdatedAt=at)) == []
    assert (kept(hub)["Title"], len(events(world))) == ("Title of a", 1)
    imported(hub, own("a", Title="Taken", UpdatedAt=LATER))
    assert (kept(hub)["Title"], kept(hub)["UpdatedAt"], len(events(world))) == ("Taken", LATER, 2)


def test_what_customers_say_stays_when_the_provider_updates_the_finding(hub, world):
    """The provider's severity goes to its own fields, its note nowhere; what no customer touched follows it."""
    imported(hub, own("a", Confidence=10))
    note = {"Text": "known", "UpdatedBy": "ada"}
    hub.batch_update_findings(FindingIdentifiers=ID, Severity={"Label": "LOW"}, Note=note, Types=["Effects"])
    more = {"Severity": {"Label": "CRITICAL"}, "Types": ["TTPs"], "Confidence": 90, "Title": "Another"}
    theirs = {"Note": {"Text": "theirs", "UpdatedBy": "scan", "UpdatedAt": LATER}, "UserDefinedFields": {"a": "b"}}
    assert imported(hub, own("a", UpdatedAt=LATER, Workflow={"Status": "RESOLVED"}, **more, **theirs)) == []
    found = kept(hub)
    assert (found["Title"], found["Confidence"], found["Workflow"]["Status"]) == ("Another", 90, "NEW")
    assert (found["Severity"]["Label"], found["Severity"]["Normalized"], found["Types"]) == ("LOW", 1, ["Effects"])
    assert (found["Note"]["Text"], "UserDefinedFields" in found) == ("known", False)
    fields = found["FindingProviderFields"]
    assert (fields["Severity"]["Label"], fields["Types"], fields["Confidence"]) == ("CRITICAL", ["TTPs"], 90)
    assert len(events(world)) == 3


def test_a_mark_is_no_update_of_the_provider(hub, clock):
    """The instant of the last update stays, the note has its own; an unknown or doubled finding is told as such."""
    imported(hub, own("a"))
    clock.advance(60)
    which = [*ID, *ID, {"Id": "b", "ProductArn": OWN}]
    marks = {"Workflow": {"Status": "SUPPRESSED"}, "Note": {"Text": "known", "UpdatedBy": "ada"}}
    told = hub.batch_update_findings(FindingIdentifiers=which, **marks)
    assert told["ProcessedFindings"] == ID
    codes = [one["ErrorCode"] for one in told["UnprocessedFindings"]]
    assert codes == ["DuplicatedFindingIdentifier", "FindingNotFound"]
    found = kept(hub)
    assert (found["UpdatedAt"], found["Note"]["UpdatedAt"]) == ("2026-01-01T00:00:00Z", "2026-03-01T12:01:00.000Z")


@pytest.mark.parametrize(
    "marks",
    [
        {"Severity": {}},
        {"Severity": {"Label": "SEVERE"}},
        {"Confidence": 101},
        {"Workflow": {"Status": "DONE"}},
        {"Note": {"Text": "x" * 513, "UpdatedBy": "ada"}},
        {"UserDefinedFields": {str(number): "x" for number in range(51)}},
    ],
)
def test_a_mark_that_the_format_forbids_changes_nothing(hub, world, marks):
    """The finding is told as unprocessed, and nobody hears of it."""
    imported(hub, own("a"))
    before = kept(hub)
    told = hub.batch_update_findings(FindingIdentifiers=ID, **marks)
    failed = {"FindingIdentifier": ID[0], "ErrorCode": "InvalidInput", "ErrorMessage": "Invalid Input"}
    assert (told["ProcessedFindings"], told["UnprocessedFindings"]) == ([], [failed])
    assert (kept(hub), len(events(world))) == (before, 1)
    assert refusal(hub.batch_update_findings, FindingIdentifiers=ID * 101)[0] == "InvalidInputException"


def test_trouble_that_comes_back_is_new_again(hub):
    """A resolved finding whose provider archived it and then found it again is nobody's decision any more."""
    imported(hub, own("a"))
    hub.batch_update_findings(FindingIdentifiers=ID, Workflow={"Status": "RESOLVED"})
    imported(hub, own("a", RecordState="ARCHIVED", UpdatedAt="2026-01-02T00:00:00Z"))
    assert kept(hub)["Workflow"]["Status"] == "RESOLVED"
    imported(hub, own("a", RecordState="ACTIVE", UpdatedAt="2026-01-03T00:00:00Z"))
    assert kept(hub)["Workflow"]["Status"] == "NEW"


@pytest.mark.parametrize("said", ["by-its-provider", "by-a-customer"])
def test_a_workflow_without_a_status_leaves_it(hub, said):
    """A finding always has one, so that what comes back later is answered and new."""
    empty = {} if said == "by-a-customer" else {"Workflow": {}}
    assert imported(hub, own("a", RecordState="ARCHIVED", **empty)) == []
    if said == "by-a-customer":
        hub.batch_update_findings(FindingIdentifiers=ID, Workflow={"Status": "RESOLVED"})
        hub.batch_update_findings(FindingIdentifiers=ID, Workflow={})
        assert kept(hub)["Workflow"] == {"Status": "RESOLVED"}
    assert imported(hub, own("a", UpdatedAt=LATER, RecordState="ACTIVE")) == []
    assert kept(hub)["Workflow"] == {"Status": "NEW"}
