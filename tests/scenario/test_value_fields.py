"""A step names a field of what was saved: of an item, of a mapping, of a text in JSON."""

import pytest

from twin.scenario.values import UnknownName, Values


def test_a_field_of_what_was_saved_is_filled_in():
    """An item's that is missing is none, another's is refused; the org's own names have dots too."""
    saved = {"login": '{"username": "app"}', "told": {"a": [1]}, "plain": "{app", "aws.kms.key.data.id": "k"}
    values = Values({"item": {"Key": "one"}}, Values(saved))
    asked = {"user": "by ${login.username}", "key": "${item.Key}", "none": "${item.VersionId}", "a": "${told.a}"}
    assert values.fill(asked) == {"user": "by app", "key": "one", "none": None, "a": [1]}
    assert values.fill("${aws.kms.key.data.id}") == "k"
    for name in ("login.password", "plain.username", "nobody.name"):
        with pytest.raises(UnknownName):
            values.fill(f"${{{name}}}")
