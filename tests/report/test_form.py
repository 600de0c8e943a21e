"""How the keys of a form are told: what each is written as, in words."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from twin.report.form import Form, lines
from twin.scenario.step import Seconds
from twin.spec.model.reference import Bucket
from twin.spec.model.values import Days, Email, Url


class Inner(BaseModel):
    """Something inside."""

    size: int


class Whole(BaseModel):
    """One of each."""

    text: str
    flag: bool = True
    number: Annotated[int, Field(ge=1, le=6)] = 3
    choice: Literal["a", "b", "c"] = "a"
    only: Literal[1]
    texts: tuple[str, ...] = ()
    by_name: dict[str, Inner] = {}
    inner: Inner | None = None
    many: list[Inner] = []
    bucket: Bucket | None = None
    days: Days | None = None
    seconds: Seconds = 90.0
    mail: Email
    page: Url
    either: bool | str = False


WRITTEN = {
    "text": "text",
    "flag": "true or false",
    "number": "a whole number, 1 to 6",
    "choice": "a, b or c",
    "only": "1",
    "texts": "a list of texts",
    "by_name": "mappings by name",
    "inner": "a mapping",
    "many": "a list of mappings",
    "bucket": "a name from data.buckets",
    "days": "a duration such as 90d",
    "seconds": "a duration such as 90s",
    "mail": "an e-mail address",
    "page": "a web address",
    "either": "true or false or text",
}
FORM = Form.of(Whole.model_json_schema())


@pytest.mark.parametrize("name", WRITTEN)
def test_a_value_is_told_in_words(name):
    """What a user writes, not what the program holds."""
    found = FORM.below(name)
    assert found is not None
    assert found.written == WRITTEN[name]


def test_keys_are_told_required_first_with_defaults_and_what_is_inside():
    """A default of ninety seconds reads so, one of nothing is left out, and keys below a key are named."""
    told = list(lines(FORM, {"text": ["replaces"]}))
    assert told[:2] == ["  text: text  (required, replaces)", "  only: 1  (required)"]
    assert "  seconds: a duration such as 90s  (default: 90s)" in told
    assert "  flag: true or false  (default: true)" in told
    assert "  texts: a list of texts" in told
    assert told.count("      keys: size") == 3


def test_of_things_by_name_the_keys_of_each_are_told():
    """A mapping by names, and a list, say that it is each of them that has the keys."""
    by_name, many = FORM.below("by_name"), FORM.below("many")
    assert by_name is not None
    assert many is not None
    assert next(lines(by_name)) == "by name, each:"
    assert next(lines(many)) == "a list, each:"
    assert by_name.below("size") is None
