"""Security Hub goes through the applier: enabled with its standards, mended when it drifts, gone when destroyed."""

from pathlib import Path

import pytest

from twin.blueprints.compile import compile_spec
from twin.errors import SpecError
from twin.resources.call import aws
from twin.spec.load import parse

SPEC = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme-test, region: us-east-1}
data: {buckets: {history: {purpose: History}}}
audit:
  config: {bucket: history}
  security_hub: {standards: [fsbp, cis-1.4.0]}
environments: {test: {}}
"""
CIS_12 = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"
BOTH = ["aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/1.4.0"]
FSBP = "arn:aws:securityhub:us-east-1:123456789012:subscription/aws-foundational-security-best-practices/v/1.0.0"


def wanted(text=SPEC):
    """Return what a spec wants."""
    return compile_spec(parse(text.encode(), Path("org.yaml"), "test", environ={}))[0]


def enabled(rig):
    """The standards that are subscribed to, by the end of their names."""
    rows = rig.ask("securityhub", "GetEnabledStandards")["StandardsSubscriptions"]
    return sorted(row["StandardsArn"].partition("/")[2] for row in rows)


def test_only_the_standards_of_the_spec_are_enabled(built):
    """Those that Security Hub enables for everybody are not, unless the spec has them."""
    assert enabled(built) == [
        "aws-foundational-security-best-practices/v/1.0.0",
        "cis-aws-foundations-benchmark/v/1.4.0",
    ]
    tags = built.ask(
        "securityhub", "ListTagsForResource", ResourceArn=built.ask("securityhub", "DescribeHub")["HubArn"]
    )["Tags"]
    assert "aws.securityhub.hub.main" in tags.values()


def test_a_standard_that_somebody_added_or_ended_is_put_right(built):
    """The added one is a member of our hub that nobody declared; the ended one is made again."""
    built.ask("securityhub", "BatchEnableStandards", StandardsSubscriptionRequests=[{"StandardsArn": CIS_12}])
    built.ask("securityhub", "BatchDisableStandards", StandardsSubscriptionArns=[FSBP])
    pending = built.pending(wanted())
    assert pending.pop("aws.securityhub.standard.fsbp") == "create"
    assert set(pending.values()) == {"delete"}
    built.build(wanted())
    assert enabled(built) == [
        "aws-foundational-security-best-practices/v/1.0.0",
        "cis-aws-foundations-benchmark/v/1.4.0",
    ]


def test_controls_need_the_rules_of_config():
    """Without AWS Config nothing could check them, which the spec is told at its line; without standards it is fine."""
    alone = SPEC.replace("  config: {bucket: history}\n", "")
    with pytest.raises(SpecError) as caught:
        wanted(alone)
    assert [(one.code, one.span.line) for one in caught.value.diagnostics] == [("TW0214", 6)]
    assert "aws.securityhub.hub.main" in map(str, (one.address for one in wanted(alone.replace("fsbp, cis-1.4.0", ""))))


def test_all_is_gone_when_it_is_destroyed(built):
    """Security Hub is disabled, with everything that it found."""
    assert built.destroy(wanted()).good
    assert built.aws.execute(aws("securityhub", "DescribeHub", absent=("InvalidAccessException",))) is None
