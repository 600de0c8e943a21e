"""Costs of an org: grouped, foretold, priced by a user's own file; and as FOCUS rows, whose rules hold."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from twin.analysis.cost import read_costs
from twin.errors import SpecError
from twin.report.focus import COLUMNS, focus_rows, focus_text
from twin.semantics.pricing.book import standard_book
from twin.spec.prices import read_prices

ACCOUNT = "111122223333"
START, NOW = "2026-06-01T00:00:00+00:00", "2026-06-16T00:00:00+00:00"
MANDATORY = {
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName",
    "ListCost", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "ServiceSubcategory",
}  # fmt: skip
USAGE = {"ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory",
         "PricingQuantity", "PricingUnit", "SkuId", "SkuPriceId"}  # fmt: skip
CATEGORIES = {
    "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases", "Developer Tools",
    "Identity", "Integration", "Internet of Things", "Management and Governance", "Media", "Migration", "Mobile",
    "Multicloud", "Networking", "Security", "Storage", "Web", "Other",
}  # fmt: skip


def told(*, tags=()):
    """Return a meter's account: a cluster of one team, a gateway of another, a bucket's bytes, requests."""
    where = [ACCOUNT, "us-east-1"]
    return {
        "now": NOW,
        "holdings": [
            [*where, "eks", "AmazonEKS-Hours:perCluster", "arn:cluster", "1", START, None],
            [*where, "ec2-other", "NatGateway-Hours", "nat-1", "1", START, NOW],
            [ACCOUNT, "global", "route53", "HostedZone", "Z1", "1", START, None],
        ],
        "uses": [[*where, "transfer", "DataTransfer-Out-Bytes", "", "150", START]],
        "tags": [[ACCOUNT, "arn:cluster", {"team": "core", "twin:owner": "acme/staging"}], *tags],
    }


def costs(book=None):
    """Return the costs of that account."""
    return read_costs(told(), book or standard_book(), {ACCOUNT: "prod"})


def test_month_to_date_and_forecast():
    """Half of June has passed: what is still held is foretold to its end, what was given up is not."""
    found = costs()
    so_far, whole = found.grouped(found.so_far, "service"), found.grouped(found.forecast, "service")
    assert so_far["Amazon Elastic Container Service for Kubernetes"] == 36
    assert whole["Amazon Elastic Container Service for Kubernetes"] == 72
    assert so_far["EC2 - Other"] == whole["EC2 - Other"] == 360 * D("0.045")


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("environment", {"staging": D(36), "prod": D("21.20")}),
        ("tag:team", {"core": D(36), "(none)": D("21.20")}),
        ("account", {ACCOUNT: D("57.20")}),
        ("region", {"us-east-1": D("56.70"), "global": D("0.50")}),
    ],
)
def test_costs_are_grouped(by, expected):
    """By the owner's environment, a tag, the account, the Region: each sums up to the same."""
    found = costs()
    assert {name: amount.normalize() for name, amount in found.grouped(found.so_far, by).items()} == {
        name: amount.normalize() for name, amount in expected.items()
    }


def test_rows_of_focus_keep_the_rules_of_their_columns():
    """Mandatory columns are filled, values are allowed ones, and price times quantity is the cost, row by row."""
    book = standard_book().with_overrides({"accounts": {ACCOUNT: {"created": "2026-05-01", "credits": 10}}})
    rows = list(csv.DictReader(io.StringIO(focus_text(focus_rows(costs(book))))))
    assert set(rows[0]) == set(COLUMNS)
    assert {row["ChargeCategory"] for row in rows} == {"Usage", "Credit"}
    for row in rows:
        assert not [name for name in MANDATORY if not row[name]], row
        assert row["ServiceCategory"] in CATEGORIES
        assert datetime.fromisoformat(row["BillingPeriodStart"]) <= datetime.fromisoformat(row["ChargePeriodStart"])
        assert datetime.fromisoformat(row["ChargePeriodEnd"]) <= datetime.fromisoformat(row["BillingPeriodEnd"])
        assert isinstance(json.loads(row["Tags"]), dict)
        assert bool(row["ResourceId"]) == bool(row["ResourceType"])
        assert bool(row["RegionId"]) == bool(row["RegionName"])
        if row["ChargeCategory"] == "Usage":
            assert not [name for name in USAGE if not row[name]], row
            assert abs(D(row["ListUnitPrice"]) * D(row["PricingQuantity"]) - D(row["ListCost"])) < D("1e-20")
            assert abs(D(row["ContractedUnitPrice"]) * D(row["PricingQuantity"]) - D(row["ContractedCost"])) < D(
                "1e-20"
            )
    assert sum(D(row["BilledCost"]) for row in rows) == costs(book).so_far.total == D("47.20")


def test_every_service_of_the_book_has_a_category_of_focus():
    """A service with a word of its own would make every row of it wrong."""
    assert {service.category for service in standard_book().services.values()} <= CATEGORIES


PRICES = """\
services:
  eks:
    groups:
      - unit: Hrs
        prices: {"AmazonEKS-Hours:perCluster": 0.08}
accounts:
  "111122223333": {created: 2026-05-01, credits: 100}
"""


def test_own_prices_go_over_the_book(tmp_path):
    """A file's price is taken, and the rest of the book stays."""
    (tmp_path / "prices.yaml").write_text(PRICES)
    book = standard_book().with_overrides(read_prices(tmp_path / "prices.yaml"))
    found = costs(book)
    assert found.so_far.total == 0
    assert sum(charge.cost for charge in found.so_far.charges) == D("57.20") - 36 + 360 * D("0.08")


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("0.08", "-1", "TW0201", 5),
        ("unit: Hrs", "units: Hrs", "TW0104", 4),
        ("credits: 100", "credit: 100", "TW0104", 7),
        ("2026-05-01", "soon", "TW0201", 7),
        ('0.08}', '{tiers: [{usd: 1}, {usd: 2}]}}', "TW0201", 5),
    ],
)  # fmt: skip
def test_mistakes_in_own_prices_are_told_with_their_line(tmp_path, old, new, code, line):
    """Every mistake has its code and its line."""
    (tmp_path / "prices.yaml").write_text(PRICES.replace(old, new))
    with pytest.raises(SpecError) as refused:
        read_prices(tmp_path / "prices.yaml")
    assert (code, line) in [(found.code, found.span.line) for found in refused.value.diagnostics]


def test_the_next_whole_month_is_that_of_what_is_held():
    """July of the cluster and the zone; the gateway that is gone is not in it."""
    july = 31 * 24 * D("0.10") + D("0.50")
    assert costs().whole_month.total == july
    assert datetime(2026, 7, 1, tzinfo=UTC) == min(charge.start for charge in costs().whole_month.charges)
