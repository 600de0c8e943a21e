"""Costs in FOCUS 1.2, the FinOps Open Cost and Usage Specification: a row per resource, usage and day.

https://focus.finops.org/focus-specification/v1-2/ - all 57 columns, as AWS exports them; those for what the twin has
not (commitments, reservations) are null. A month that is not closed has a provisional invoice.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from twin.analysis.cost import Costs
from twin.semantics.pricing.charge import Charge
from twin.semantics.pricing.months import month_end, month_start

COLUMNS = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "CapacityReservationId", "CapacityReservationStatus",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "CommitmentDiscountUnit", "ConsumedQuantity",
    "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceId", "InvoiceIssuerName",
    "ListCost", "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory",
    "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId",
    "SubAccountName", "SubAccountType", "Tags",
)  # fmt: skip
VENDORS = {
    "aws": "Amazon Web Services", "cloudflare": "Cloudflare", "okta": "Okta", "auth0": "Auth0", "datadog": "Datadog",
    "pagerduty": "PagerDuty",
}  # fmt: skip
UNITS = {"Hrs": "Hours", "GB-Mo": "GB-Months", "LCU-Hrs": "LCU-Hours", "CapacityUnit-Hrs": "CapacityUnit-Hours"}
KINDS = {
    "ec2": "Instance", "ec2-other": "Volume, snapshot or gateway", "vpc": "Address or endpoint", "elb": "Load balancer",
    "eks": "Cluster", "rds": "Database", "s3": "Bucket", "kms": "Key", "secrets": "Secret", "route53": "Zone or check",
    "cloudwatch": "Alarm or log group", "dynamodb": "Table", "ecr": "Repository", "cloudflare": "Zone", "okta": "User",
}  # fmt: skip
NUMBERS = (
    "BilledCost", "CommitmentDiscountQuantity", "ConsumedQuantity", "ContractedCost", "ContractedUnitPrice",
    "EffectiveCost", "ListCost", "ListUnitPrice", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity",
)  # fmt: skip
TIMES = ("BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart")
Row = dict[str, str]


def focus_rows(costs: Costs) -> Iterator[Row]:
    """Yield the rows of the month to date; credits have rows of their own, below zero."""
    for charge in costs.so_far.charges:
        if charge.price is None:
            continue
        for part in _parts(charge):
            yield _row(costs, charge, *part)
        if charge.credit:
            yield _credit(costs, charge)


def focus_text(rows: Iterator[Row]) -> str:
    """Return rows as CSV, with an empty field for null."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _parts(charge: Charge) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield the quantity that a free tier took and the rest, each with its cost, as each has a price of its own."""
    if charge.free:
        yield charge.free, Decimal(0)
    if charge.quantity > charge.free or not charge.free:
        yield charge.quantity - charge.free, charge.cost


def _row(costs: Costs, charge: Charge, quantity: Decimal, cost: Decimal) -> Row:
    assert charge.price is not None
    unit = UNITS.get(charge.unit, charge.unit.replace("s-Mo", "-Mo").replace("-Mo", "-Months"))
    contracted = cost / quantity if quantity else charge.price
    return {
        **_common(costs, charge),
        "BilledCost": _number(cost),
        "ChargeCategory": "Usage",
        "ConsumedQuantity": _number(quantity),
        "ConsumedUnit": unit,
        "ContractedCost": _number(cost),
        "ContractedUnitPrice": _number(contracted),
        "EffectiveCost": _number(cost),
        "ListCost": _number(quantity * charge.price),
        "ListUnitPrice": _number(charge.price),
        "PricingCategory": "Standard",
        "PricingCurrencyContractedUnitPrice": _number(contracted),
        "PricingCurrencyEffectiveCost": _number(cost),
        "PricingCurrencyListUnitPrice": _number(charge.price),
        "PricingQuantity": _number(quantity),
        "PricingUnit": unit,
    }


def _credit(costs: Costs, charge: Charge) -> Row:
    """Return the row of what credits pay of a charge."""
    zero = _number(Decimal(0))
    return {
        **_common(costs, charge),
        "BilledCost": _number(-charge.credit),
        "ChargeCategory": "Credit",
        "ChargeDescription": "Credits of the account's plan",
        "ChargeFrequency": "One-Time",
        "ContractedCost": zero,
        "EffectiveCost": _number(-charge.credit),
        "ListCost": zero,
        "PricingCurrencyEffectiveCost": _number(-charge.credit),
        "SkuId": "",
        "SkuMeter": "",
        "SkuPriceId": "",
    }


def _common(costs: Costs, charge: Charge) -> Row:
    where, service = charge.where, costs.book.services[charge.where.service]
    vendor = VENDORS.get(service.vendor, service.vendor)
    regional = where.region in costs.book.names
    sku = f"{service.code}:{costs.book.usage_type(where.usage, where.region)}"
    tags = costs.tags_of(where)
    return dict.fromkeys(COLUMNS, "") | {
        "BillingAccountId": where.account,
        "BillingAccountName": costs.environments.get(where.account, ""),
        "BillingAccountType": "Account",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": _time(month_end(charge.start)),
        "BillingPeriodStart": _time(month_start(charge.start)),
        "ChargeDescription": f"{service.name}: {where.usage}",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": _time(charge.end),
        "ChargePeriodStart": _time(charge.start),
        "InvoiceId": f"provisional-{service.vendor}-{where.account}-{charge.start:%Y-%m}",
        "InvoiceIssuerName": vendor,
        "PricingCurrency": "USD",
        "ProviderName": vendor,
        "PublisherName": vendor,
        "RegionId": where.region if regional else "",
        "RegionName": costs.book.names[where.region] if regional else "",
        "ResourceId": where.resource,
        "ResourceName": tags.get("Name", where.resource),
        "ResourceType": KINDS.get(where.service, service.name) if where.resource else "",
        "ServiceCategory": service.category,
        "ServiceName": service.name,
        "ServiceSubcategory": service.subcategory,
        "SkuId": sku,
        "SkuMeter": where.usage,
        "SkuPriceId": f"{sku}:OnDemand",
        "SubAccountId": where.account,
        "SubAccountName": costs.environments.get(where.account, ""),
        "SubAccountType": "Account",
        "Tags": json.dumps(dict(sorted(tags.items())), separators=(",", ":")),
    }


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(value: Decimal) -> str:
    """Return a decimal in plain notation, without zeros at its end."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
