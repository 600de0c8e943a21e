"""From which impact on a subscription to cost anomalies tells: one threshold, in either of two forms.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription; how refusals are worded is
assumed.
"""

from collections.abc import Mapping
from typing import Any

from twin.world.aws_errors import AwsError

THRESHOLDS = ("Threshold", "ThresholdExpression")


def check_thresholds(told: Mapping[str, Any]) -> None:
    """Refuse no threshold, and two."""
    if sum(name in told for name in THRESHOLDS) != 1:
        raise AwsError("ValidationException", f"Exactly one of {' or '.join(THRESHOLDS)} is required")


def threshold_of(told: Mapping[str, Any]) -> float:
    """Return the least impact in USD that is told."""
    expression = told.get("ThresholdExpression")
    if not expression:
        return float(told.get("Threshold") or 0)
    dimension = expression.get("Dimensions") or {}
    if dimension.get("Key") != "ANOMALY_TOTAL_IMPACT_ABSOLUTE":
        lacking = "The twin takes a threshold on ANOMALY_TOTAL_IMPACT_ABSOLUTE only (ce:CreateAnomalySubscription)."
        raise AwsError("TwinUnsupportedOperation", lacking)
    try:
        (value,) = list(dimension.get("Values") or [])
        return float(value)
    except ValueError:
        raise AwsError("ValidationException", f"{dimension['Key']} takes one number") from None
