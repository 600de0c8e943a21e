"""What CloudWatch and CloudWatch Logs refuse about data and retention.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import Where, find_key

OLDEST, NEWEST = timedelta(weeks=2), timedelta(hours=2)
VALUES = ("Value", "Values", "StatisticValues")
HOUR, DAY, WEEK = 3600, 86_400, 604_800
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


@refuses("cloudwatch", "PutMetricData")
def data_of_a_metric(asked: Asked) -> None:
    """A customer's namespace is not AWS's; each datum has a value and a time that is near."""
    namespace = str(asked.parameters.get("Namespace", ""))
    if namespace.startswith("AWS/") and asked.call.principal.kind != "service":
        raise Refusal("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
    for number, datum in enumerate(asked.parameters.get("MetricData") or (), 1):
        about = f"MetricData.member.{number}"
        given = [name for name in VALUES if datum.get(name) is not None]
        if not given:
            raise Refusal("MissingParameter", f"At least one of the parameters must be specified: {about}.Value")
        if len(given) > 1:
            message = f"The parameters {about}.{given[0]} and {about}.{given[1]} are mutually exclusive"
            raise Refusal("InvalidParameterCombination", message)
        _is_near(datum.get("Timestamp"), about)


def _is_near(told: Any, about: str) -> None:
    from twin.world.stores.moto_store import CLOCK

    if not isinstance(told, datetime):
        return
    now, at = CLOCK.now(), told if told.tzinfo else told.replace(tzinfo=UTC)
    if not now - OLDEST <= at <= now + NEWEST:
        message = (
            f"The parameter {about}.Timestamp must specify a time within the past two weeks or the next two hours."
        )
        raise Refusal("InvalidParameterValue", message)


@refuses("cloudwatch", "PutMetricAlarm")
def window_of_an_alarm(asked: Asked) -> None:
    """An alarm looks back a day, or a week by hours."""
    period, times = asked.parameters.get("Period"), asked.parameters.get("EvaluationPeriods")
    if period is None or times is None:
        return
    longest = WEEK if int(period) >= HOUR else DAY
    if int(period) * int(times) > longest:
        raise Refusal(
            "ValidationError",
            f"Metrics cannot be checked across more than {'a week' if longest == WEEK else 'a day'} (EvaluationPeriods "
            f"* Period must be <= {longest}).",
        )


@refuses("cloudwatch", "PutMetricAlarm")
def comparison_of_an_alarm(asked: Asked) -> None:
    """An alarm says how it compares, and by which statistic of its metric."""
    given = asked.parameters
    if not given.get("ComparisonOperator") and "EvaluationCriteria" not in given:
        raise Refusal("ValidationError", "1 validation error detected: Value null at 'comparisonOperator' failed to "
                      "satisfy constraint: Member must not be null")  # fmt: skip
    if given.get("MetricName") and not (given.get("Statistic") or given.get("ExtendedStatistic")):
        raise Refusal("ValidationError", "Exactly one of Statistic and ExtendedStatistic must be specified")


@refuses("cloudwatch", "DescribeAlarms", "DescribeAlarmHistory")
def page_of_alarms(asked: Asked) -> None:
    """A token is one that a list gave out, which here is a number."""
    token = asked.parameters.get("NextToken")
    if token and not str(token).isdigit():
        raise Refusal("InvalidNextToken", "The next token specified is invalid.")


@refuses("logs", "PutRetentionPolicy")
def days_of_retention(asked: Asked) -> None:
    """Logs are kept for one of the terms there are."""
    days = asked.parameters.get("retentionInDays")
    if days not in RETENTION:
        raise Refusal(
            "InvalidParameterException",
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member "
            f"must satisfy enum value set: {list(RETENTION)}",
        )


@refuses("logs", "AssociateKmsKey", "CreateLogGroup")
def key_of_a_log_group(asked: Asked) -> None:
    """A log group is encrypted under a key that is there."""
    name = asked.parameters.get("kmsKeyId")
    if name and find_key(str(name), Where(asked.call.account, asked.call.region)) is None:
        raise Refusal("InvalidParameterException", f"The specified KMS Key Id does not exist or is not allowed: {name}")
