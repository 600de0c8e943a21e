"""Where the state is, and what holds for single resources: what a spec may say of them, and what it may not."""

import jsonschema
import pytest

from spec.specimens import MINIMAL, diagnostics_of, parse_text, plain

STATE = "state: {s3: {bucket: acme-states, key: twin/acme, region: eu-west-1, kms_key: alias/states}}\n"
OVERRIDES = 'overrides: {aws.s3.*: {protect: it is data, ignore: [tags.cost]}, "aws.sns.topic.a": {absent: true}}\n'


def test_a_spec_says_where_the_state_is_and_what_holds_for_resources(validator):
    """Plain values; without them the state is on the machine that applies."""
    org = parse_text(MINIMAL + STATE + OVERRIDES).org
    assert org.state.s3.model_dump() == {
        "bucket": "acme-states", "key": "twin/acme", "region": "eu-west-1", "kms_key": "alias/states",
        "account": None,
    }  # fmt: skip
    assert org.overrides["aws.s3.*"].protect == "it is data"
    assert parse_text(MINIMAL).org.state.s3 is None
    validator.validate(plain(MINIMAL + STATE + OVERRIDES))


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("bucket: acme-states", "bucket: acme_states", "TW0214"),
        ("key: twin/acme", "key: 'twin/${ENV}'", "TW0214"),
        ("region: eu-west-1, kms", "region: mars-1, kms", "TW0215"),
        ("kms_key:", "kms:", "TW0104"),
        ("protect: it is data", "renamed_from: aws.s3.bucket.b, adopt: b", "TW0214"),
        ("absent: true", "absent: maybe", "TW0113"),
    ],
    ids=["no bucket's name", "a pattern", "no region", "no such key", "moved and taken over", "no truth value"],
)
def test_mistakes_in_them_are_told_at_their_place(right, wrong, code):
    """With a span in the file."""
    text = (MINIMAL + STATE + OVERRIDES).replace(right, wrong)
    (found,) = diagnostics_of(text)
    assert (found.code, found.span.line in (4, 5)) == (code, True)


def test_the_schema_refuses_what_an_editor_can_see(validator):
    """An unknown key of the section."""
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(plain(MINIMAL + STATE.replace("kms_key", "kms")))
