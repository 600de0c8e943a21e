"""Cost Explorer: costs and usage by day or month, filtered and grouped, as of its last refresh; and a forecast."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from twin.semantics.pricing.bill import bill
from twin.semantics.pricing.charge import Charge
from twin.semantics.pricing.months import days, months
from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.delays import delay
from twin.world.metering.bills import bill_of, used_by
from twin.world.scene import Scene

PROVIDES = {"cost-explorer": "Cost Explorer tells costs by time, filter and group, as of its last refresh."}
COSTS = ("UnblendedCost", "BlendedCost", "AmortizedCost", "NetUnblendedCost", "NetAmortizedCost")
METRICS = (*COSTS, "UsageQuantity")
DIMENSIONS = ("SERVICE", "REGION", "USAGE_TYPE", "LINKED_ACCOUNT", "INSTANCE_TYPE", "RECORD_TYPE", "RESOURCE_ID")
ZERO = Decimal(0)
Read = Callable[[Charge], str]
Test = Callable[[Charge], bool]


@answers("ce", "GetCostAndUsage")
def costs_and_usage(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell costs and usage per day or month, in total or by at most two groups."""
    told = asked.parameters
    metrics = _metrics(told["Metrics"])
    groups = told.get("GroupBy") or []
    if len(groups) > 2:
        raise AwsError("ValidationException", "Only two GroupBy clauses are allowed.")
    keys = [_key_of(scene, group) for group in groups]
    start, end = _period(told["TimePeriod"])
    taken = _test(scene, told.get("Filter"))
    known = refreshed(scene.now())
    charges = [c for c in bill_of(scene, asked.call.account, start, end=min(end, known)).charges if taken(c)]
    results = []
    for begin, until in _spans(told["Granularity"], start, end):
        inside = [charge for charge in charges if begin <= charge.start < until]
        results.append(_result((begin, until), inside, keys, metrics, estimated=until > known))
    return {"GroupDefinitions": groups, "ResultsByTime": results, "DimensionValueAttributes": []}


def refreshed(now: datetime) -> datetime:
    """Return up to when Cost Explorer knows what was used: it is refreshed once a day."""
    period = delay("billing.explorer_refresh").least
    return datetime.fromtimestamp(now.timestamp() // period * period, UTC)


def _result(
    span: tuple[datetime, datetime], charges: list[Charge], keys: list[Read], metrics: list[str], *, estimated: bool,
) -> dict[str, Any]:  # fmt: skip
    found: dict[tuple[str, ...], list[Charge]] = defaultdict(list)
    for charge in charges:
        found[tuple(key(charge) for key in keys)].append(charge)
    return {
        "TimePeriod": {"Start": f"{span[0]:%Y-%m-%d}", "End": f"{span[1]:%Y-%m-%d}"},
        "Total": {} if keys else _amounts(charges, metrics),
        "Groups": [
            {"Keys": list(names), "Metrics": _amounts(found[names], metrics)} for names in sorted(found)
        ] if keys else [],
        "Estimated": estimated,
    }  # fmt: skip


def _amounts(charges: list[Charge], metrics: list[str]) -> dict[str, dict[str, str]]:
    units = {charge.unit for charge in charges if charge.unit}
    found = {}
    for metric in metrics:
        if metric == "UsageQuantity":
            amount, unit = sum((charge.quantity for charge in charges), ZERO), units.pop() if len(units) == 1 else "N/A"
        else:
            net = metric.startswith("Net")
            amount = sum((charge.net if net else charge.cost for charge in charges), ZERO)
            unit = "USD"
        found[metric] = {"Amount": _text(amount), "Unit": unit}
    return found


def _text(amount: Decimal) -> str:
    return format(round(amount, 10).normalize() + ZERO, "f")


def _metrics(named: list[str]) -> list[str]:
    for name in named:
        if name == "NormalizedUsageAmount":
            raise _lacking("normalized usage")
        if name not in METRICS:
            raise AwsError("ValidationException", f"Invalid metric: {name}")
    return named


def _period(told: Mapping[str, str]) -> tuple[datetime, datetime]:
    try:
        start, end = (date.fromisoformat(told[name]) for name in ("Start", "End"))
    except ValueError as wrong:
        raise _lacking("times within a day: dates are yyyy-MM-dd") from wrong
    if start >= end:
        raise AwsError("ValidationException", "Start date (and hour) should be before end date (and hour)")
    return datetime(start.year, start.month, start.day, tzinfo=UTC), datetime(end.year, end.month, end.day, tzinfo=UTC)


def _spans(granularity: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    if granularity == "HOURLY":
        raise _lacking("hourly costs")
    yield from (days if granularity == "DAILY" else months)(start, end)


def _lacking(what: str) -> AwsError:
    return AwsError("TwinUnsupportedOperation", f"The twin's Cost Explorer does not tell {what}.")


def _dimension(scene: Scene, name: str) -> Read:
    book = scene.prices
    read: dict[str, Read] = {
        "SERVICE": lambda c: book.services[c.where.service].name,
        "REGION": lambda c: c.where.region,
        "USAGE_TYPE": lambda c: book.usage_type(c.where.usage, c.where.region),
        "LINKED_ACCOUNT": lambda c: c.where.account,
        "INSTANCE_TYPE": lambda c: c.where.usage.partition(":")[2] if "Usage:" in c.where.usage else "NoInstanceType",
        "RECORD_TYPE": lambda c: "Usage",
        "RESOURCE_ID": lambda c: c.where.resource or "NoResourceId",
    }
    if name not in read:
        raise _lacking(f"costs by {name}")
    return read[name]


def _tag(scene: Scene, key: str) -> Read:
    return lambda c: dict(scene.meter.tags.get((c.where.account, c.where.resource), ())).get(key, "")


def _key_of(scene: Scene, group: Mapping[str, str]) -> Read:
    if group.get("Type") == "TAG":
        key = group["Key"]
        value = _tag(scene, key)
        return lambda charge: f"{key}${value(charge)}"
    if group.get("Type") == "COST_CATEGORY":
        raise _lacking("costs by COST_CATEGORY")
    return _dimension(scene, group.get("Key", ""))


def _test(scene: Scene, told: Mapping[str, Any] | None) -> Test:
    """Return what an expression lets through."""
    if not told:
        return lambda charge: True
    if "And" in told:
        parts = [_test(scene, part) for part in told["And"]]
        return lambda charge: all(part(charge) for part in parts)
    if "Or" in told:
        parts = [_test(scene, part) for part in told["Or"]]
        return lambda charge: any(part(charge) for part in parts)
    if "Not" in told:
        inner = _test(scene, told["Not"])
        return lambda charge: not inner(charge)
    if "Dimensions" in told:
        return _matching(_dimension(scene, told["Dimensions"]["Key"]), told["Dimensions"])
    if "Tags" in told:
        return _matching(_tag(scene, told["Tags"]["Key"]), told["Tags"])
    raise _lacking(f"costs filtered by {', '.join(told)}")


def _matching(read: Read, told: Mapping[str, Any]) -> Test:
    values, options = set(told.get("Values") or ()), set(told.get("MatchOptions") or ("EQUALS",))
    if "ABSENT" in options:
        return lambda charge: not read(charge)
    if options - {"EQUALS", "CASE_SENSITIVE"}:
        raise _lacking(f"values that match by {', '.join(sorted(options))}")
    return lambda charge: read(charge) in values


@answers("ce", "GetDimensionValues")
def dimension_values(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell which values a dimension has in a period."""
    told = asked.parameters
    start, end = _period(told["TimePeriod"])
    read = _dimension(scene, told["Dimension"])
    until = min(end, refreshed(scene.now()))
    charges = bill_of(scene, asked.call.account, start, end=until, daily=False).charges if start < until else ()
    wanted = (told.get("SearchString") or "").lower()
    values = sorted({value for charge in charges if wanted in (value := read(charge)).lower()})
    found = [{"Value": value, "Attributes": {}} for value in values]
    return {"DimensionValues": found, "ReturnSize": len(found), "TotalSize": len(found)}


@answers("ce", "GetCostForecast")
def cost_forecast(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Foretell costs from what is held and the pace of the last weeks; DataUnavailableException without a history."""
    told, now = asked.parameters, scene.now()
    start, end = _period(told["TimePeriod"])
    if start < datetime(now.year, now.month, now.day, tzinfo=UTC):
        raise AwsError("ValidationException", "Start date must be equal to or no later than the current date")
    used = used_by(scene, asked.call.account)
    began = min([held.start for held in used.holdings] + [use.time for use in used.uses], default=now)
    if (now - began).total_seconds() < delay("billing.forecast_history").least:
        raise AwsError("DataUnavailableException", "Insufficient amount of historical data to generate forecast")
    taken = _test(scene, told.get("Filter"))
    pace = _pace(scene, asked.call.account, now, taken)
    held = [charge for charge in bill(used, scene.prices, start, end=end).charges if taken(charge)]
    results, total = [], ZERO
    for begin, until in _spans(told["Granularity"], start, end):
        mean = sum((c.cost for c in held if begin <= c.start < until), ZERO) + pace * Decimal((until - begin).days)
        total += mean
        span = {"Start": f"{begin:%Y-%m-%d}", "End": f"{until:%Y-%m-%d}"}
        results.append({"TimePeriod": span, "MeanValue": _text(mean)})
    return {"Total": {"Amount": _text(total), "Unit": "USD"}, "ForecastResultsByTime": results}


def _pace(scene: Scene, account: str, now: datetime, taken: Test) -> Decimal:
    """Return what things done cost per day, over the last 30."""
    used = used_by(scene, account)
    done = bill(type(used)([], used.uses), scene.prices, now - timedelta(days=30), end=now).charges
    return sum((charge.cost for charge in done if taken(charge)), ZERO) / 30
