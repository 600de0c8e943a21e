"""Samples of a metric and the statistics over them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)$")
SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


class Sample(NamedTuple):
    """What was told about one instant (seconds since 1970): one value, or a set with its size, sum, least and most."""

    time: float
    size: float
    sum: float
    least: float
    most: float
    unit: str | None = None


def single(time: float, value: float, unit: str | None = None) -> Sample:
    """Return the sample of one value."""
    return Sample(time, 1.0, value, value, value, unit)


def known_statistic(name: str) -> bool:
    """Tell whether `statistic` can work out a statistic of this name."""
    return name in SIMPLE or PERCENTILE.match(name) is not None


def statistic(samples: Sequence[Sample], name: str) -> float | None:
    """Return a statistic of samples; None where there are none, or a percentile cannot be told from sets of values."""
    if not samples:
        return None
    count = sum(sample.size for sample in samples)
    if name == "SampleCount":
        return count
    if name == "Sum":
        return sum(sample.sum for sample in samples)
    if name == "Average":
        return sum(sample.sum for sample in samples) / count if count else None
    if name == "Minimum":
        return min(sample.least for sample in samples)
    if name == "Maximum":
        return max(sample.most for sample in samples)
    found = PERCENTILE.match(name)
    return _percentile(samples, float(found[1])) if found else None


def _percentile(samples: Sequence[Sample], rank: float) -> float | None:
    """Interpolate between the two nearest values; a set counts when it holds one value, or the same one many times."""
    if any(sample.size != 1 and sample.least != sample.most for sample in samples):
        return None
    values = sorted(sample.least for sample in samples for _ in range(int(sample.size)))
    place = rank / 100 * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)
