"""Waves by Region in a spec: what is wrong with their order is told at its place."""

import pytest

from spec.specimens import MINIMAL, diagnostics_of, parse_text

ORG = (
    MINIMAL
    + """\
regions: {us-west-2: {}}
resources: {aws.sqs.queue: {jobs@eu-north-1: {name: jobs}}}
delivery:
  promotion:
    waves:
      by: region
      regions: [us-west-2, eu-north-1, eu-west-1]
"""
)
ORDER = "[us-west-2, eu-north-1, eu-west-1]"


def test_the_order_of_regions_is_the_specs():
    """The org's own, those of `regions`, and those in which a raw resource stands."""
    waves = parse_text(ORG).org.delivery.promotion.waves
    assert (waves.by, waves.regions) == ("region", ("us-west-2", "eu-north-1", "eu-west-1"))


@pytest.mark.parametrize(
    ("after", "code", "column", "says"),
    [
        ("[us-west-2, us-west-1]", "TW0301", 28, "nothing stands in us-west-1"),
        ("[us-west-2, us-wset-1]", "TW0215", 28, "did you mean"),
        ("[us-west-2, us-west-2]", "TW0214", 28, "in the order already"),
    ],
    ids=["nothing there", "no Region", "twice"],
)
def test_an_order_that_cannot_be_kept_is_told_at_its_place(after, code, column, says):
    """Line and column are those of the name."""
    (found,) = diagnostics_of(ORG.replace(ORDER, after))
    assert (found.code, found.span.line, found.span.column) == (code, 10, column), found
    assert says in f"{found.message} {found.help}"


def test_an_order_of_regions_without_waves_by_region_is_told():
    """It would count for nothing."""
    (found,) = diagnostics_of(ORG.replace("by: region", "by: zone"))
    assert (found.code, found.span.line, "these go by zone" in found.message) == ("TW0214", 10, True)
