"""Instants of AWS's replies, against botocore's own parser."""

import pytest
from botocore.utils import parse_timestamp

from twin.resources.aws.instants import instant


@pytest.mark.parametrize(
    "written",
    ["2026-11-29T08:00:00Z", "2026-11-29T08:00:00.5Z", "2026-11-29T08:00:00.123456Z", "2026-11-29T08:00:00.1234567Z",
     "2026-11-29T08:00Z", "2026-11-29T08:00:00+01:00", "Sun, 29 Nov 2026 08:00:00 GMT", 1796025600, 1796025600.25,
     "1796025600"],
)  # fmt: skip
def test_an_instant_is_what_botocore_reads(written):
    """Same instant, same distance from UTC, whatever its form."""
    ours, theirs = instant(written), parse_timestamp(written)
    assert (ours, ours.utcoffset()) == (theirs, theirs.utcoffset())


@pytest.mark.parametrize("written", ["2026-13-29T08:00:00Z", "yesterday", "2026-11-29T25:00:00Z"])
def test_what_is_no_instant_is_refused_as_by_botocore(written):
    """No text is guessed at."""
    with pytest.raises(ValueError, match="Invalid timestamp"):
        instant(written)
