"""What an org lives with: findings that are meant, each with its reason and an end."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from twin.spec.model.section import Section
from twin.spec.model.values import Text


def _date(value: Any) -> Any:
    """Read a date of YAML's; anything else is left to the type to refuse."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


class Waiver(Section):
    """A finding of `twin check` that is meant."""

    allow: Annotated[str, Field(pattern=r"^TW10\d\d$")]
    """The rule, such as TW1002."""
    on: Text
    """The address of the resource; `*` in it stands for any text."""
    why: Text
    """The reason."""
    until: Annotated[date, BeforeValidator(_date, json_schema_input_type=str)]
    """The last day on which it holds."""
