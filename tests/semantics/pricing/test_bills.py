"""What usage costs: billing minimums, begun hours, tiers, free tiers, plans, dates, and the laws of a bill."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.semantics.pricing.bill import Used, bill, cents, forecast
from twin.semantics.pricing.book import standard_book
from twin.semantics.pricing.usage import Holding, Use, Where

ACCOUNT = "111122223333"
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def where(name, region="us-east-1", resource="r", account=ACCOUNT):
    """Return where a usage belongs, from `service/usage`."""
    service, _, usage = name.partition("/")
    return Where(account, region, service, usage, resource)


def held(name, start=JUNE, end=None, amount=1, **place):
    """Return something that is held, by default for ever."""
    return Holding(where(name, **place), D(str(amount)), start, end)


def total(*used, start=JUNE, end=JULY, book=None):
    """Return what some usage costs in June."""
    parts = Used([u for u in used if isinstance(u, Holding)], [u for u in used if isinstance(u, Use)])
    return bill(parts, book or standard_book(), start, end=end).total


@pytest.mark.parametrize(
    ("name", "seconds", "expected"),
    [
        ("ec2/BoxUsage:t3.large", 1, D("0.0832") * 60 / 3600),
        ("ec2/BoxUsage:t3.large", 90, D("0.0832") * 90 / 3600),
        ("rds/InstanceUsage:db.t4g.medium", 60, D("0.065") * 600 / 3600),
        ("rds/InstanceUsage:db.t4g.medium", 1800, D("0.065") / 2),
        ("ec2-other/NatGateway-Hours", 1, D("0.045")),
        ("ec2-other/NatGateway-Hours", 3600, D("0.045")),
        ("ec2-other/NatGateway-Hours", 3601, D("0.09")),
        ("route53/HostedZone", 3600, D(0)),
        ("route53/HostedZone", 43200, D("0.5")),
    ],
)
def test_time_counts_as_the_service_bills_it(name, seconds, expected):
    """Seconds with a minimum, begun hours, and whole months with a grace each give the figure of their rule."""
    assert abs(total(held(name, end=JUNE + timedelta(seconds=seconds))) - expected) < D("1e-20")


def test_a_gigabyte_month_costs_the_same_in_short_and_long_months():
    """Storage held for all of February and all of March costs the monthly price in each."""
    for month, after in ((datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)), (JUNE, JULY)):
        disk = held("ec2-other/EBS:VolumeUsage.gp3", start=month - HOUR, amount=100)
        assert cents(total(disk, start=month, end=after)) == D("8.00")


def test_tiers_count_over_the_whole_month():
    """600 TB of S3 pay three prices, and the day on which a tier is passed does not matter."""
    lake = held("s3/TimedStorage-ByteHrs", amount=600 * 1024)
    expected = 51200 * D("0.023") + 460800 * D("0.022") + (614400 - 512000) * D("0.021")
    assert cents(total(lake)) == cents(expected)


def test_free_egress_is_taken_once_by_all_regions():
    """Of 150 GB that leave two Regions 100 GB are free, as the allowance is the account's."""
    out = [
        Use(where("transfer/DataTransfer-Out-Bytes", region), D(75), JUNE + HOUR)
        for region in ("us-east-1", "us-west-2")
    ]
    assert total(*out) == 50 * D("0.09")


def test_a_reduced_price_holds_from_its_day():
    """A GPU instance costs the old price on 31 May 2025 and the new one on 1 June."""
    old, new = datetime(2025, 5, 31, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
    miner = "ec2/BoxUsage:p4d.24xlarge"
    assert total(held(miner, start=old, end=old + HOUR), start=old, end=new) == D("32.7726")
    assert total(held(miner, start=new, end=new + HOUR), start=new, end=new + HOUR) == D("21.957642")


def test_legacy_accounts_have_a_free_year_and_others_do_not():
    """A t3.micro is free in the first year of an account of 2025-01, and not for one of 2025-08 or without a date."""
    micro = held("ec2/BoxUsage:t3.micro")
    told = {
        "2025-07-01": D(0),
        "2025-08-01": 720 * D("0.0104"),
        "2024-06-01": 720 * D("0.0104"),
        None: 720 * D("0.0104"),
    }
    for created, expected in told.items():
        book = standard_book().with_overrides({"accounts": {ACCOUNT: {"created": created}}})
        assert total(micro, book=book) == expected


def test_credits_pay_until_they_are_used_up():
    """Credits of 20 USD pay the first 20 of two months' bills, and the rest is to be paid."""
    book = standard_book().with_overrides({"accounts": {ACCOUNT: {"created": "2026-05-01", "credits": 20}}})
    cluster = held("eks/AmazonEKS-Hours:perCluster", start=datetime(2026, 5, 31, tzinfo=UTC))
    may = D("2.40")
    assert total(cluster, book=book) == 72 + may - 20
    charges = bill(Used([cluster], []), book, JUNE, end=JULY).charges
    assert sum(charge.credit for charge in charges) == 20 - may


def test_what_has_no_price_is_told_and_not_taken_for_free():
    """An instance type that the book lacks is on the bill as not priced."""
    found = bill(Used([held("ec2/BoxUsage:z9.huge")], []), standard_book(), JUNE, end=JULY)
    assert {charge.where.usage for charge in found.unpriced} == {"BoxUsage:z9.huge"}
    assert not bill(Used([held("ec2/BoxUsage:t3.nano")], []), standard_book(), JUNE, end=JULY).unpriced


def test_a_users_price_goes_before_ours():
    """A negotiated price of a user's own file replaces the book's, for its usage only."""
    own = {"services": {"okta": {"groups": [{"unit": "User-Mo", "prices": {"WorkforceUser": 4.5}}]}}}
    book = standard_book().with_overrides(own)
    assert total(held("okta/WorkforceUser", amount=10), book=book) == 45
    assert total(held("eks/AmazonEKS-Hours:perCluster"), book=book) == 72


def test_other_regions_are_assumed_by_a_factor():
    """In Sydney, whose price was not read, the factor applies and the charge says that it is assumed."""
    (charge,) = bill(Used([held("ec2-other/NatGateway-Hours", end=JUNE + HOUR, region="ap-southeast-2")], []),
                     standard_book(), JUNE, end=JUNE + HOUR).charges  # fmt: skip
    assert (charge.cost, charge.assumed) == (D("0.045") * D("1.269"), True)
    (home,) = bill(Used([held("ec2-other/NatGateway-Hours", end=JUNE + HOUR)], []), standard_book(), JUNE,
                   end=JUNE + HOUR).charges  # fmt: skip
    assert not home.assumed


def test_a_region_with_a_price_of_its_own_has_that_one():
    """Frankfurt's t3.large was read there; its m5.large was not, and is assumed by the factor."""
    book, place = standard_book(), {"region": "eu-central-1", "end": JUNE + HOUR}
    used = Used([held("ec2/BoxUsage:t3.large", **place), held("ec2/BoxUsage:m5.large", **place)], [])
    charges = {charge.where.usage: charge for charge in bill(used, book, JUNE, end=JUNE + HOUR).charges}
    read, taken = charges["BoxUsage:t3.large"], charges["BoxUsage:m5.large"]
    assert (read.cost, read.assumed) == (D("0.096"), False)
    assert (taken.cost, taken.assumed) == (D("0.096") * D("1.154"), True)


def test_a_users_price_for_one_region_leaves_the_others_theirs():
    """A price of one's own for Ireland is Ireland's only: at home the book's holds."""
    group = {"unit": "Hrs", "regions": ["eu-west-1"], "prices": {"NatGateway-Hours": 0.03}}
    book = standard_book().with_overrides({"services": {"ec2-other": {"groups": [group]}}})
    prices = {
        region: book.price("ec2-other", "NatGateway-Hours", region, day=JUNE.date()).tiers[0].usd
        for region in ("eu-west-1", "us-east-1", "eu-central-1")
    }
    assert prices == {"eu-west-1": D("0.03"), "us-east-1": D("0.045"), "eu-central-1": D("0.045") * D("1.154")}


def test_the_forecast_is_the_bill_when_nothing_changes():
    """What is held foretells its whole month exactly, and what is done goes on at its pace."""
    now = JUNE + timedelta(days=10)
    cluster = held("eks/AmazonEKS-Hours:perCluster")
    asked = Use(where("cost-explorer/APIRequest"), D(100), JUNE + HOUR)
    assert forecast(Used([cluster], []), standard_book(), now).total == 72
    assert forecast(Used([cluster], [asked]), standard_book(), now).total == 72 + 3


NAMES = [
    "ec2/BoxUsage:t3.large",
    "ec2-other/NatGateway-Hours",
    "s3/TimedStorage-ByteHrs",
    "rds/RDS:GP2-Storage",
    "kms/KMS-Keys",
]
SECONDS = st.integers(0, 30 * 86400)


@settings(max_examples=examples(60))
@given(name=st.sampled_from(NAMES), begin=SECONDS, lasts=SECONDS, cut=SECONDS)
def test_a_bill_cut_in_two_is_the_same_bill(name, begin, lasts, cut):
    """Whatever instant a month is cut at, the parts add up to the whole."""
    start, middle = JUNE + timedelta(seconds=begin), JUNE + timedelta(seconds=cut)
    used = held(name, start=start, end=start + timedelta(seconds=lasts), amount=3)
    whole = total(used)
    assert abs(total(used, end=middle) + total(used, start=middle) - whole) < D("1e-18")
    coarse = bill(Used([used], []), standard_book(), JUNE, end=JULY, daily=False).total
    assert abs(coarse - whole) < D("1e-18")


def test_every_figure_has_a_source_and_a_date():
    """Each price and allowance names a page, and says when it was read, or that nobody did."""
    book = standard_book()
    for key, prices in book.prices.items():
        for price in prices:
            assert price.source.startswith("https://"), key
            assert price.read == "assumed" or date.fromisoformat(price.read), key
    for tier in book.free:
        assert tier.source.startswith("https://")
        assert all(usage.endswith("*") or (service, usage) in book.prices for service, usage in tier.usages), tier.name
