"""Which findings a filter of Security Hub lets through, which filters it refuses, and how pages go on."""

import pytest
from hub_findings import own
from refused import refusal

from twin.world.signals.asff_filters import TEXTS, meets, wrong_filter


@pytest.fixture
def hub(clients):
    """Security Hub without standards."""
    client = clients("securityhub")
    client.enable_security_hub(EnableDefaultStandards=False)
    return client


def wish(value, comparison="EQUALS", **key):
    """One wish of a filter of texts or pairs."""
    return {"Value": value, "Comparison": comparison, **key}


def of(key, value, comparison="EQUALS"):
    """One wish of a filter of pairs."""
    return wish(value, comparison, Key=key)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"SeverityLabel": [wish("LOW")]}, "13"),
        ({"SeverityLabel": [wish("LOW", "NOT_EQUALS")]}, "024"),
        ({"SeverityLabel": [wish("low")]}, ""),
        ({"Id": [wish("f1"), wish("f2")]}, "12"),
        ({"Id": [wish("f", "PREFIX"), wish("f2", "NOT_EQUALS"), wish("f3", "PREFIX_NOT_EQUALS")]}, "014"),
        ({"Id": [wish("f1", "NOT_EQUALS"), wish("f2", "NOT_EQUALS")], "Title": [wish("Title of", "PREFIX")]}, "034"),
        ({"SeverityNormalized": [{"Gte": 70}]}, "024"),
        ({"SeverityNormalized": [{"Gt": 0, "Lt": 1.5}]}, "13"),
        ({"Confidence": [{"Eq": 0}, {"Gte": 4}]}, "04"),
        ({"ProductFields": [of("team", "red"), of("team", "blue")]}, "012"),
        ({"ProductFields": [of("team", "red", "NOT_EQUALS"), of("team", "blue", "NOT_EQUALS")]}, "34"),
        ({"ProductFields": [of("team", "red"), of("site", "b", "NOT_EQUALS")]}, "0"),
        ({"CreatedAt": [{"DateRange": {"Value": 7, "Unit": "DAYS"}}]}, "01234"),
        ({"CreatedAt": [{"DateRange": {"Value": 7, "Unit": "DAYS", "Comparison": "OLDER_THAN"}}]}, ""),
        ({"UpdatedAt": [{"DateRange": {"Value": 7, "Unit": "DAYS", "Comparison": "OLDER_THAN"}}]}, "01234"),
        ({"CreatedAt": [{"Start": "2026-02-01T00:00:00Z", "End": "2026-02-28T00:00:00Z"}]}, ""),
        ({"CreatedAt": [{"Start": "2026-02-01T00:00:00Z"}]}, "01234"),
        ({"WorkflowStatus": [wish("NEW")], "Id": [wish("f9")]}, ""),
        ({"FindingProviderFieldsSeverityLabel": [wish("LOW")]}, "13"),
    ],
)
def test_filters_choose_findings(clock, filters, expected):
    """One field's wishes are alternatives; what excludes must all hold, and so must all fields."""
    made = [
        own(
            f"f{number}", CreatedAt="2026-02-28T12:00:00Z", Confidence=number, Workflow={"Status": "NEW"},
            Severity={"Label": label, "Normalized": figure}, FindingProviderFields={"Severity": {"Label": label}},
            ProductFields=fields,
        )
        for number, (label, figure, fields) in enumerate([
            ("HIGH", 70, {"team": "red", "site": "a"}), ("LOW", 1, {"team": "red", "site": "b"}),
            ("HIGH", 70, {"team": "blue"}), ("LOW", 1, {"team": "redder"}), ("HIGH", 70, {}),
        ])
    ]  # fmt: skip
    assert wrong_filter(filters) is None
    assert [one["Id"] for one in made if meets(one, filters, clock.now())] == [f"f{number}" for number in expected]


REFUSED = [
    ({"Title": [{"Value": "x"}]}, "data.Filters.Title[0] should have required property 'Comparison'"),
    ({"Title": [{"Comparison": "EQUALS"}]}, "data.Filters.Title[0] should have required property 'Value'"),
    ({"Title": [wish("x", "LIKE")]}, "data.Filters.Title[0].Comparison should be equal to one of the allowed values"),
    ({"Title": [wish("x"), wish("x", "CONTAINS_WORD")]}, "data.Filters.Title[1].Comparison CONTAINS_WORD is not"),
    ({"Title": [wish("x", "CONTAINS")]}, "data.Filters.Title[0].Comparison CONTAINS is not supported"),
    ({"ProductFields": [of("k", "x", "NOT_CONTAINS")]}, "data.Filters.ProductFields[0].Comparison NOT_CONTAINS is"),
    ({"ProductFields": [of("k", "x", "PREFIX")]}, "ProductFields[0].Comparison should be equal to one of the allowed"),
    ({"ProductFields": [wish("x")]}, "data.Filters.ProductFields[0] should have required property 'Key'"),
    ({"Title": [wish("x"), wish("y", "NOT_EQUALS")]}, "data.Filters.Title should NOT have both EQUALS and NOT_EQUALS"),
    ({"Title": [wish("x"), wish("y", "PREFIX_NOT_EQUALS")]}, "data.Filters.Title should NOT have both EQUALS"),
    ({"UserDefinedFields": [of("k", "x"), of("k", "y", "NOT_EQUALS")]}, "UserDefinedFields should NOT have both"),
    ({"CreatedAt": [{"Start": "2026-01-01", "End": "2026-02-01"}]}, '.Start should match format "date-time"'),
    ({"CreatedAt": [{"End": "2026-01-01T00:00:00"}]}, 'CreatedAt[0].End should match format "date-time"'),
    ({"CreatedAt": [{}]}, "data.Filters.CreatedAt[0] should NOT have fewer than 1 properties"),
    ({"CreatedAt": [{"DateRange": {"Value": 7, "Unit": "WEEKS"}}]}, "DateRange should be equal to one of the allowed"),
    ({"CreatedAt": [{"DateRange": {"Unit": "DAYS"}}]}, "DateRange should have required property 'Value'"),
    ({"Confidence": [{}]}, "data.Filters.Confidence[0] should NOT have fewer than 1 properties"),
    ({"Id": [wish(str(number)) for number in range(21)]}, "data.Filters.Id should NOT have more than 20 items"),
    ({name: [wish("x")] for name in list(TEXTS)[:11]}, "data.Filters should NOT have more than 10 properties"),
]  # fmt: skip


def test_a_filter_that_means_nothing_is_refused(hub):
    """Each is an invalid parameter and says where; nothing of it passes for a filter that lets everything through."""
    hub.batch_import_findings(Findings=[own("a")])
    for filters, says in REFUSED:
        assert says in (wrong_filter(filters) or "")
        assert refusal(hub.get_findings, Filters=filters) == ("InvalidInputException", 400)
    unknown = {"Keyword": [{"Value": "x"}]}
    assert refusal(hub.get_findings, Filters=unknown)[0] == "TwinUnsupportedOperation"
    for criteria in ({"SortOrder": "asc"}, {"Field": "Id", "SortOrder": "up"}):
        assert refusal(hub.get_findings, SortCriteria=[criteria])[0] == "InvalidInputException"


def test_pages_are_in_order_and_lose_nothing(hub):
    """Five findings in pages of two, the last first."""
    hub.batch_import_findings(Findings=[own(f"f{n}") for n in range(5)])
    wanted = {"SortCriteria": [{"Field": "Id", "SortOrder": "desc"}], "MaxResults": 2}
    pages, token = [], {}
    while True:
        page = hub.get_findings(**wanted, **token)
        pages.append([one["Id"] for one in page["Findings"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == [["f4", "f3"], ["f2", "f1"], ["f0"]]


def test_a_token_holds_for_its_query_only(hub):
    """A made-up one, one of another filter and sizes out of range are refused; another size goes on."""
    hub.batch_import_findings(Findings=[own(f"f{n}") for n in range(5)])
    token = hub.get_findings(MaxResults=2)["NextToken"]
    assert len(hub.get_findings(MaxResults=100, NextToken=token)["Findings"]) == 3
    bad = [
        {"MaxResults": 101}, {"NextToken": "2"}, {"NextToken": "MTow"}, {"NextToken": token[:-4]},
        {"NextToken": token, "Filters": {"Id": [wish("f1")]}},
        {"NextToken": token, "SortCriteria": [{"Field": "Id", "SortOrder": "desc"}]},
    ]  # fmt: skip
    for told in bad:
        assert refusal(hub.get_findings, **told) == ("InvalidInputException", 400)
    assert refusal(hub.get_enabled_standards, NextToken=token)[0] == "InvalidInputException"


def test_other_lists_have_pages_too(hub):
    """Standards, subscriptions and controls come one by one, whole and once."""
    hub.disable_security_hub()
    hub.enable_security_hub()
    arn = hub.get_enabled_standards()["StandardsSubscriptions"][0]["StandardsSubscriptionArn"]
    lists = (
        (hub.describe_standards, "Standards", {}),
        (hub.get_enabled_standards, "StandardsSubscriptions", {}),
        (hub.describe_standards_controls, "Controls", {"StandardsSubscriptionArn": arn}),
    )
    for call, key, told in lists:
        whole, found, token = call(**told)[key], [], {}
        while token is not None:
            page = call(MaxResults=1, **told, **token)
            found += page[key]
            assert len(page[key]) == 1
            token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
        assert found == whole
        assert len(whole) > 1
        assert refusal(call, MaxResults=101, **told)[0] == "InvalidInputException"
