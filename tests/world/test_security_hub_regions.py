"""One Region sees the findings of others: which ones, by the mode in which they are linked."""

import pytest
from hub_findings import ACCOUNT, own
from refused import refusal

REGIONS = ("us-east-1", "eu-west-1", "eu-central-1")


@pytest.fixture
def home(clients):
    """Security Hub of the home Region; each Region has one finding, named for it."""
    for region in REGIONS:
        client = clients("securityhub", region=region)
        client.enable_security_hub(EnableDefaultStandards=False)
        arn = f"arn:aws:securityhub:{region}:{ACCOUNT}:product/{ACCOUNT}/default"
        client.batch_import_findings(Findings=[own(region, ProductArn=arn)])
    return clients("securityhub")


def seen(hub):
    """The Regions whose findings are seen."""
    return [one["Region"] for one in hub.get_findings()["Findings"]]


def test_a_mode_says_which_regions_are_linked(home, clients):
    """All, none, those that are named, or those that are not; the linked ones see their own only."""
    told = {"RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": ["eu-west-1"]}
    made = home.create_finding_aggregator(**told)
    arn = {"FindingAggregatorArn": made["FindingAggregatorArn"]}
    assert {name: home.get_finding_aggregator(**arn)[name] for name in told} == told
    found = {"SPECIFIED_REGIONS": seen(home)}
    for mode, regions in (("ALL_REGIONS", []), ("NO_REGIONS", []), ("ALL_REGIONS_EXCEPT_SPECIFIED", ["eu-west-1"])):
        home.update_finding_aggregator(RegionLinkingMode=mode, **arn, **({"Regions": regions} if regions else {}))
        found[mode] = seen(home)
    assert found == {
        "SPECIFIED_REGIONS": ["us-east-1", "eu-west-1"],
        "ALL_REGIONS": list(REGIONS),
        "NO_REGIONS": ["us-east-1"],
        "ALL_REGIONS_EXCEPT_SPECIFIED": ["us-east-1", "eu-central-1"],
    }
    assert seen(clients("securityhub", region="eu-central-1")) == ["eu-central-1"]


def test_links_that_mean_nothing_are_refused(home, clients):
    """Regions with a mode that names none, a mode without its Regions, another Region's hand, a second aggregator."""
    bad = [
        {"RegionLinkingMode": "NO_REGIONS", "Regions": ["eu-west-1"]},
        {"RegionLinkingMode": "SPECIFIED_REGIONS"},
        {"RegionLinkingMode": "SOME_REGIONS"},
    ]
    for told in bad:
        assert refusal(home.create_finding_aggregator, **told) == ("InvalidInputException", 400)
    made = home.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    arn, there = {"FindingAggregatorArn": made["FindingAggregatorArn"]}, clients("securityhub", region="eu-west-1")
    assert refusal(there.create_finding_aggregator, RegionLinkingMode="ALL_REGIONS")[0] == "InvalidInputException"
    assert refusal(there.delete_finding_aggregator, **arn)[0] == "InvalidInputException"
    assert there.list_finding_aggregators()["FindingAggregators"] == [arn]


def test_the_home_region_is_told_of_findings_in_linked_ones(home, world):
    """EventBridge tells of them in both Regions, and of other Regions' only there."""
    home.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=["eu-west-1"])
    before = len(world.scene.happenings)
    home.batch_update_findings(
        FindingIdentifiers=[
            {"Id": region, "ProductArn": f"arn:aws:securityhub:{region}:{ACCOUNT}:product/{ACCOUNT}/default"}
            for region in REGIONS
        ],
        Workflow={"Status": "NOTIFIED"},
    )
    told = [
        (one.facts["detail"]["findings"][0]["Id"], one.facts["region"])
        for one in list(world.scene.happenings)[before:]
        if one.kind == "aws.event" and one.facts["source"] == "aws.securityhub"
    ]
    assert told == [("us-east-1", "us-east-1"), ("eu-west-1", "eu-west-1"), ("eu-west-1", "us-east-1")]
