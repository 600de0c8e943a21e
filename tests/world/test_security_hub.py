"""Security Hub: what other services find comes in, controls are checked, findings are filtered, marked and told."""

from datetime import timedelta
from decimal import Decimal

import people
import pytest
from hub_findings import ACCOUNT, REGION, events, own
from refused import refusal
from trails import make_trail

from twin.semantics.pricing.usage import Where
from twin.world.metering.bills import bill_of

FSBP = f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = f"arn:aws:securityhub:{REGION}::standards/cis-aws-foundations-benchmark/v/1.4.0"
PCI = f"arn:aws:securityhub:{REGION}::standards/pci-dss/v/3.2.1"


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
    client.disable_security_hub()
    assert refusal(client.disable_security_hub) == ("InvalidAccessException", 401)


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
    assert paid(world) == {"OtherProductFindingIngestion": 2, "PaidComplianceCheck": 1}


def paid(world):
    """What Security Hub's meter has counted, by kind."""
    used = {}
    for counted in world.scene.meter.counts.values():
        for where, quantity in counted.items():
            if where.service == "securityhub":
                used[where.usage] = used.get(where.usage, 0) + quantity
    return used


def test_ten_thousand_findings_a_month_are_free(world, clock):
    """The bill has the ten thousand beyond them, and every check."""
    start = clock.now()
    for usage, quantity in (("OtherProductFindingIngestion", 20_000), ("PaidComplianceCheck", 1000)):
        world.scene.meter.count(Where(ACCOUNT, REGION, "securityhub", usage, ""), quantity, start)
    clock.advance(86_400)
    begin = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    bill = bill_of(world.scene, ACCOUNT, begin, end=(begin + timedelta(days=40)).replace(day=1))
    assert sum(one.cost for one in bill.charges if one.where.service == "securityhub") == Decimal("1.30")


def test_each_subscription_is_ready_and_checked_by_itself(eve, hub, clock, world):
    """One that comes later is pending though the first is ready; what the first had checked is not paid for again."""
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP}])
    clock.advance(1800)
    world.settle()
    world.scene.provisioning = "real"
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP}, {"StandardsArn": CIS}])
    states = [one["StandardsStatus"] for one in hub.get_enabled_standards()["StandardsSubscriptions"]]
    assert states == ["READY", "PENDING"]
    clock.advance(1800)
    states = [one["StandardsStatus"] for one in hub.get_enabled_standards()["StandardsSubscriptions"]]
    assert states == ["READY", "READY"]
    assert paid(world)["PaidComplianceCheck"] == 1


def test_only_security_hubs_own_findings_of_a_disabled_standard_are_archived(eve, hub, clock, world):
    """Days later and with an event; those of callers stay, and so do they where the standard came back before."""
    mine = own("a", Compliance={"Status": "FAILED", "SecurityControlId": "Config.1"})
    hub.batch_import_findings(Findings=[mine])
    wanted = {"StandardsSubscriptionRequests": [{"StandardsArn": FSBP}]}
    (one,) = hub.batch_enable_standards(**wanted)["StandardsSubscriptions"]
    gone = {"StandardsSubscriptionArns": [one["StandardsSubscriptionArn"]]}
    clock.advance(1800)
    (told,) = hub.batch_disable_standards(**gone)["StandardsSubscriptions"]
    assert (told["StandardsStatus"], hub.get_enabled_standards()["StandardsSubscriptions"]) == ("DELETING", [])
    hub.batch_enable_standards(**wanted)
    clock.advance(6 * 86_400)
    assert records(hub) == {"a": "ACTIVE", "control": "ACTIVE"}
    hub.batch_disable_standards(**gone)
    clock.advance(86_400)
    assert records(hub) == {"a": "ACTIVE", "control": "ACTIVE"}
    clock.advance(5 * 86_400)
    assert records(hub) == {"a": "ACTIVE", "control": "ARCHIVED"}
    assert [(found["RecordState"], found["ProductName"]) for found in events(world)][-1] == ("ARCHIVED", "Security Hub")
    assert world.agenda.entries() == []


def records(hub):
    """The record state of each finding, those of controls by that name."""
    found = hub.get_findings()["Findings"]
    return {"control" if "security-control" in one["Id"] else one["Id"]: one["RecordState"] for one in found}


def test_the_last_resource_of_a_kind_takes_its_findings_along(eve, hub, clock):
    """No database is left, and none has an active finding; while nobody records, nothing is known or changes."""
    recorder(eve)
    eve("rds").create_db_instance(
        DBInstanceIdentifier="only", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20,
        MasterUsername="admin", MasterUserPassword="long-enough-1",
    )  # fmt: skip
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP}])
    clock.advance(1800)
    filters = {
        "ComplianceSecurityControlId": [{"Value": "RDS.3", "Comparison": "EQUALS"}],
        "RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}],
    }
    assert len(hub.get_findings(Filters=filters)["Findings"]) == 1
    eve("config").stop_configuration_recorder(ConfigurationRecorderName="main")
    eve("rds").delete_db_instance(DBInstanceIdentifier="only", SkipFinalSnapshot=True)
    clock.advance(13 * 3600)
    assert len(hub.get_findings(Filters=filters)["Findings"]) == 1
    eve("config").start_configuration_recorder(ConfigurationRecorderName="main")
    clock.advance(13 * 3600)
    assert hub.get_findings(Filters=filters)["Findings"] == []
    (gone,) = hub.get_findings(Filters={"ComplianceSecurityControlId": filters["ComplianceSecurityControlId"]})[
        "Findings"
    ]
    assert gone["Compliance"]["Status"] == "NOT_AVAILABLE"
    assert gone["Compliance"]["StatusReasons"][0]["ReasonCode"] == "RESOURCE_NO_LONGER_EXISTS"


def test_an_unknown_standard_is_refused_as_aws_does(hub):
    """What no standard of AWS's is called is invalid, and what the twin only lacks is refused by name."""
    for arn, code in (
        ("arn:aws:securityhub:::pci-aws-/v/3.2.1", "InvalidInputException"),
        (PCI, "TwinUnsupportedOperation"),
    ):
        told = [{"StandardsArn": FSBP}, {"StandardsArn": arn}]
        assert refusal(hub.batch_enable_standards, StandardsSubscriptionRequests=told)[0] == code
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []
