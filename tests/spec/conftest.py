"""The JSON Schema of a spec, written once."""

import jsonschema
import pytest

from twin.spec.schema import schema


@pytest.fixture(scope="module")
def written():
    """The schema."""
    return schema()


@pytest.fixture(scope="module")
def validator(written):
    """What an editor holds a spec against."""
    return jsonschema.Draft202012Validator(written)
