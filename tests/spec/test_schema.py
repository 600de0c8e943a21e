"""The JSON Schema accepts what the program accepts, and refuses what an editor can see."""

import jsonschema
import pytest

from spec.specimens import MINIMAL, WHOLE, plain


def test_schema_is_a_schema(written):
    """It follows its own dialect."""
    jsonschema.Draft202012Validator.check_schema(written)


@pytest.mark.parametrize("text", [WHOLE, MINIMAL])
def test_valid_specs_pass(validator, text):
    """With environments and without."""
    assert [error.message for error in validator.iter_errors(plain(text))] == []


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (WHOLE, "azs: 3", "asz: 3"),
        (WHOLE, "azs: 3", "azs: three"),
        (WHOLE, "nat: single", "nat: one"),
        (WHOLE, "staging: {network:", "staging: {netwrok:"),
        (WHOLE, "idle: 30m", "idle: 30min"),
        (WHOLE, "version: 1\n", "version: 2\n"),
        (MINIMAL, "alias: a, ", ""),
        (WHOLE, "rate_limits: []", "rate_limits: [{name: x}]"),
    ],
)
def test_mistakes_fail(validator, text, right, wrong):
    """Unknown keys, wrong kinds, wrong words, also inside environments; missing keys without environments."""
    assert right in text
    assert list(validator.iter_errors(plain(text.replace(right, wrong))))


def test_every_field_is_described(written):
    """Editors show a sentence for each key, its own or that of the section that it refers to."""
    bare = [
        f"{name}.{key}"
        for name, entry in written["$defs"].items()
        for key, field in entry.get("properties", {}).items()
        if not name.endswith(("Patch", "OrgBase"))
        and "description" not in field | written["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
    ]
    assert bare == []


def test_defaults_are_written_as_users_write_them(written):
    """A default of eight hours reads 8h."""
    sessions = written["$defs"]["Sessions"]["properties"]
    assert (sessions["idle"]["default"], sessions["lifetime"]["default"]) == ("30m", "8h")
