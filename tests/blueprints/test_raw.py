"""What the section of raw resources becomes, and how its mistakes are told."""

import pytest

from tests.blueprints.built import build, refused

RULE = """\
resources:
  aws.events.rule:
    extra:
      name: extra
      pattern: {source: [aws.ec2]}
"""


def test_a_raw_resource_is_declared_as_it_is_written() -> None:
    """Lists stay lists, and each field points to its own line."""
    built = build(RULE)
    rule = built.get("aws.events.rule", "extra")
    assert (rule.name, rule.pattern, rule.tags) == ("extra", {"source": ["aws.ec2"]}, {"team": "platform"})
    (declaration,) = [d for d in built.desired if d.address.name == "extra"]
    assert declaration.place("pattern") == ("resources", "aws.events.rule", "extra", "pattern")
    assert built.problems() == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (RULE.replace("events.rule", "event.rule"), ("TW0721", "aws.event.rule:")),
        (RULE.replace("name: extra", "nam: extra"), ("TW0723", "nam: extra")),
        (
            "data:\n  queues:\n    jobs: {}\nresources:\n  aws.sqs.queue:\n    jobs: {name: j}\n",
            ("TW0720", "jobs: {name: j}"),
        ),
    ],
    ids=["no such type", "no such field", "declared twice"],
)
def test_mistakes_in_raw_resources_are_told_at_their_line(spec: str, expected: tuple[str, str]) -> None:
    """The type, the field, the second of two."""
    assert expected in refused(spec)
