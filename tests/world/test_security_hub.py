"""Security Hub: what other services find comes in, controls are checked, findings are filtered, marked and told."""

from datetime import timedelta
from decimal import Decimal

import people
import pytest
from refused import refusal
from trails import make_trail

from twin.semantics.pricing.usage import Where
from twin.world.metering.bills import bill_of

ACCOUNT, REGION = "123456789012", "us-east-1"
FSBP = f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
OWN = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"


@pytest.fixture
def eve(clients):
    """Clients of a user who may do everything; the detector would speak of root's calls otherwise."""
    held = people.administrator(clients, "eve")
    return lambda service, **config: clients(service, credentials=held, **config)


@pytest.fixture
def hub(eve):
    """Security Hub without standards."""
    client = eve("securityhub")
    client.enable_security_hub(EnableDefaultStandards=False)
    return client


def own(id_, **more):
    """A finding of the account's own product."""
    told = {"SchemaVersion": "2018-10-08", "Id": id_, "ProductArn": OWN, "GeneratorId": "scan", "AwsAccountId": ACCOUNT}
    told |= {"CreatedAt": "2026-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z", "Title": f"Title of {id_}"}
    told |= {"Description": "d", "Types": ["Software and Configuration Checks"], "Severity": {"Label": "HIGH"}}
    return told | {"Resources": [{"Type": "Other", "Id": f"thing-{id_}"}]} | more


def events(world):
    """What EventBridge was told of findings."""
    return [
        one.facts["detail"]["findings"][0]
        for one in world.scene.happenings
        if one.kind == "aws.event" and one.facts["detail_type"] == "Security Hub Findings - Imported"
    ]


def test_guarddutys_finding_comes_in_minutes_later_in_the_common_format(eve, hub, clock, world):
    """It is told as an event, and named by the ARN, the product and the severity of its provider."""
    eve("guardduty").create_detector(Enable=True)
    make_trail(eve)
    eve("cloudtrail").stop_logging(Name="main")
    clock.advance(310)
    assert eve("guardduty").list_findings(DetectorId=eve("guardduty").list_detectors()["DetectorIds"][0])["FindingIds"]
    clock.advance(310)
    (found,) = hub.get_findings(Filters={"ProductName": [{"Value": "GuardDuty", "Comparison": "EQUALS"}]})["Findings"]
    assert found["Types"] == ["TTPs/Defense Evasion/Stealth:IAMUser-CloudTrailLoggingDisabled"]
    assert (found["Severity"]["Label"], found["Severity"]["Normalized"]) == ("LOW", 1)
    assert found["Resources"][0]["Details"]["AwsIamAccessKey"]["PrincipalName"] == "eve"
    assert [one["Id"] for one in events(world)] == [found["Id"]]
    assert world.agenda.entries() == []


def test_nothing_comes_in_where_security_hub_is_off(eve, hub, clock, world):
    """What is found while it is off is not brought later."""
    eve("guardduty").create_detector(Enable=True)
    hub.disable_security_hub()
    make_trail(eve)
    eve("cloudtrail").stop_logging(Name="main")
    clock.advance(1200)
    hub.enable_security_hub(EnableDefaultStandards=False)
    assert hub.get_findings()["Findings"] == []
    assert events(world) == []


def test_what_is_off_answers_as_aws_does(eve):
    """A hub that is not there, one that is there already, a standard that the twin has not."""
    client = eve("securityhub")
    assert refusal(client.describe_hub) == ("InvalidAccessException", 401)
    assert refusal(client.get_findings) == ("InvalidAccessException", 401)
    client.enable_security_hub()
    assert refusal(client.enable_security_hub) == ("ResourceConflictException", 409)
    assert client.describe_hub()["HubArn"].endswith(":hub/default")
    enabled = client.get_enabled_standards()["StandardsSubscriptions"]
    assert [one["StandardsArn"].rpartition("/v/")[2] for one in enabled] == ["1.0.0", "1.2.0"]
    pci = {"StandardsArn": f"arn:aws:securityhub:{REGION}::standards/pci-dss/v/3.2.1"}
    code, _ = refusal(client.batch_enable_standards, StandardsSubscriptionRequests=[pci])
    assert code == "TwinUnsupportedOperation"
    client.disable_security_hub()
    assert refusal(client.disable_security_hub) == ("InvalidAccessException", 401)


def test_findings_of_ones_own_are_taken_or_refused_one_by_one(hub):
    """Of three, one lacks its resources and one is of somebody else's product."""
    strange = own("c", ProductArn=f"arn:aws:securityhub:{REGION}::product/aws/guardduty")
    told = hub.batch_import_findings(Findings=[own("a"), own("b", Resources=[]), strange])
    assert (told["SuccessCount"], told["FailedCount"]) == (1, 2)
    assert [one["Id"] for one in told["FailedFindings"]] == ["b", "c"]
    assert [one["Id"] for one in hub.get_findings()["Findings"]] == ["a"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"SeverityLabel": [{"Value": "LOW", "Comparison": "EQUALS"}]}, ["f1", "f3"]),
        ({"SeverityLabel": [{"Value": "LOW", "Comparison": "NOT_EQUALS"}]}, ["f0", "f2", "f4"]),
        ({"Id": [{"Value": "f1", "Comparison": "EQUALS"}, {"Value": "f2", "Comparison": "EQUALS"}]}, ["f1", "f2"]),
        ({"Id": [{"Value": "f", "Comparison": "PREFIX"}, {"Value": "f2", "Comparison": "NOT_EQUALS"}],
          "Title": [{"Value": "f4", "Comparison": "NOT_CONTAINS"}]}, ["f0", "f1", "f3"]),
        ({"ResourceId": [{"Value": "g-f4", "Comparison": "CONTAINS"}]}, ["f4"]),
        ({"SeverityNormalized": [{"Gte": 70}]}, ["f0", "f2", "f4"]),
        ({"CreatedAt": [{"DateRange": {"Value": 7, "Unit": "DAYS"}}]}, ["f0", "f1", "f2", "f3", "f4"]),
        ({"CreatedAt": [{"Start": "2026-02-01T00:00:00Z", "End": "2026-03-01T00:00:00Z"}]}, []),
        ({"WorkflowStatus": [{"Value": "NEW", "Comparison": "EQUALS"}],
          "Id": [{"Value": "f9", "Comparison": "EQUALS"}]}, []),
    ],
)  # fmt: skip
def test_filters_choose_findings(hub, clock, filters, expected):
    """One field's wishes are alternatives, exclusions and fields all count."""
    at = f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    given = [own(f"f{n}", CreatedAt=at, Severity={"Label": "LOW" if n % 2 else "HIGH"}) for n in range(5)]
    hub.batch_import_findings(Findings=given)
    assert [one["Id"] for one in hub.get_findings(Filters=filters)["Findings"]] == expected


def test_pages_are_in_order_and_lose_nothing(hub):
    """Five findings in pages of two, the last first; a filter that the twin does not know is refused by name."""
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
    unknown = {"MalwareName": [{"Value": "x", "Comparison": "EQUALS"}]}
    assert refusal(hub.get_findings, Filters=unknown)[0] == "TwinUnsupportedOperation"


def test_what_people_say_of_a_finding_stays_when_its_provider_updates_it(hub, world):
    """A note and a workflow status outlive the update; a finding that nobody has is told as such."""
    hub.batch_import_findings(Findings=[own("a")])
    marks = {"Workflow": {"Status": "SUPPRESSED"}, "Note": {"Text": "known", "UpdatedBy": "ada"}}
    which = [{"Id": one, "ProductArn": OWN} for one in ("a", "a", "b")]
    told = hub.batch_update_findings(FindingIdentifiers=which, **marks)
    assert told["ProcessedFindings"] == which[:1]
    assert [one["ErrorCode"] for one in told["UnprocessedFindings"]] == [
        "DuplicatedFindingIdentifier",
        "FindingNotFound",
    ]
    hub.batch_import_findings(Findings=[own("a", Title="Another", UpdatedAt="2026-01-02T00:00:00Z")])
    (found,) = hub.get_findings()["Findings"]
    assert (found["Title"], found["Workflow"]["Status"], found["Note"]["Text"]) == ("Another", "SUPPRESSED", "known")
    assert len(events(world)) == 3


def test_trouble_that_comes_back_is_new_again(hub):
    """A resolved finding whose provider archived it and then found it again is nobody's decision any more."""
    hub.batch_import_findings(Findings=[own("a")])
    hub.batch_update_findings(FindingIdentifiers=[{"Id": "a", "ProductArn": OWN}], Workflow={"Status": "RESOLVED"})
    hub.batch_import_findings(Findings=[own("a", RecordState="ARCHIVED")])
    assert hub.get_findings()["Findings"][0]["Workflow"]["Status"] == "RESOLVED"
    hub.batch_import_findings(Findings=[own("a", RecordState="ACTIVE")])
    assert hub.get_findings()["Findings"][0]["Workflow"]["Status"] == "NEW"


def recorder(eve):
    """Record everything."""
    config = eve("config")
    role = f"arn:aws:iam::{ACCOUNT}:role/config"
    eve("s3").create_bucket(Bucket="history")
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    config.put_configuration_recorder(ConfigurationRecorder={"name": "main", "roleARN": role, "recordingGroup": group})
    config.put_delivery_channel(DeliveryChannel={"name": "main", "s3BucketName": "history"})
    config.start_configuration_recorder(ConfigurationRecorderName="main")


def controls(hub, **filters):
    """The status of each control by its id, of active findings."""
    told = {"ProductName": [{"Value": "Security Hub", "Comparison": "EQUALS"}], **filters}
    found = hub.get_findings(Filters=told)["Findings"]
    return {one["Compliance"]["SecurityControlId"]: one["Compliance"]["Status"] for one in found}


def test_a_standards_controls_are_checked_by_the_rules_of_config(eve, hub, clock):
    """Half an hour after the subscription; mending what failed lets the next check pass and resolves the finding."""
    recorder(eve)
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP}])
    assert controls(hub) == {}
    clock.advance(1800)
    first = controls(hub)
    assert (first["Config.1"], first["CloudTrail.1"]) == ("PASSED", "FAILED")
    (one,) = hub.get_enabled_standards()["StandardsSubscriptions"]
    listed = hub.describe_standards_controls(StandardsSubscriptionArn=one["StandardsSubscriptionArn"])["Controls"]
    assert {"Config.1", "CloudTrail.1", "S3.2"} <= {row["ControlId"] for row in listed}
    make_trail(eve, IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True)
    assert controls(hub)["CloudTrail.1"] == "FAILED"
    clock.advance(13 * 3600)
    filters = {"ComplianceSecurityControlId": [{"Value": "CloudTrail.1", "Comparison": "EQUALS"}]}
    (found,) = hub.get_findings(Filters=filters)["Findings"]
    assert (found["Compliance"]["Status"], found["Workflow"]["Status"]) == ("PASSED", "RESOLVED")


def test_without_a_recorder_only_that_is_found(hub, clock, world):
    """Nothing is known of resources that nobody records; and an idle month costs nothing."""
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP}])
    clock.advance(1800)
    assert controls(hub) == {"Config.1": "FAILED"}
    assert world.agenda.entries() == []


def test_another_regions_findings_are_seen_where_they_are_aggregated(eve, hub):
    """Without an aggregator each Region keeps its own; with one the home sees both, the other one only its own."""
    there = eve("securityhub", region="eu-west-1")
    there.enable_security_hub(EnableDefaultStandards=False)
    arn = f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:product/{ACCOUNT}/default"
    there.batch_import_findings(Findings=[own("far", ProductArn=arn)])
    hub.batch_import_findings(Findings=[own("near")])
    assert [one["Id"] for one in hub.get_findings()["Findings"]] == ["near"]
    made = hub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=["eu-west-1"])
    assert [one["Id"] for one in hub.get_findings()["Findings"]] == ["near", "far"]
    assert [one["Id"] for one in there.get_findings()["Findings"]] == ["far"]
    hub.delete_finding_aggregator(FindingAggregatorArn=made["FindingAggregatorArn"])
    assert [one["Id"] for one in hub.get_findings()["Findings"]] == ["near"]


def test_checks_and_what_comes_in_are_metered(eve, hub, clock, world):
    """Own findings are paid for as they come; checks are paid for per resource and control, not as findings."""
    hub.batch_import_findings(Findings=[own("a"), own("b")])
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP}])
    clock.advance(1800)
    world.settle()
    used = {}
    for counted in world.scene.meter.counts.values():
        for where, quantity in counted.items():
            if where.service == "securityhub":
                used[where.usage] = used.get(where.usage, 0) + quantity
    assert used == {"OtherProductFindingIngestion": 2, "PaidComplianceCheck": 1}


def test_ten_thousand_findings_a_month_are_free(world, clock):
    """The bill has the ten thousand beyond them, and every check."""
    start = clock.now()
    for usage, quantity in (("OtherProductFindingIngestion", 20_000), ("PaidComplianceCheck", 1000)):
        world.scene.meter.count(Where(ACCOUNT, REGION, "securityhub", usage, ""), quantity, start)
    clock.advance(86_400)
    begin = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    bill = bill_of(world.scene, ACCOUNT, begin, end=(begin + timedelta(days=40)).replace(day=1))
    assert sum(one.cost for one in bill.charges if one.where.service == "securityhub") == Decimal("1.30")
