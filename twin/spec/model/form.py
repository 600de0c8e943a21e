"""Values that are written as text in a known form: the text is parsed, or refused with a code and a remedy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema


def refusal(code: str, message: str, advice: str | None = None) -> PydanticCustomError:
    """Return the validation error that becomes the diagnostic `code`."""
    return PydanticCustomError(code, "{message}", {"message": message, "help": advice})


@dataclass(frozen=True)
class Form:
    """Marks a type as written in text: `parse` reads it, or raises a `refusal`."""

    parse: Callable[[str], Any]
    json_schema: dict[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Validate by reading strict text with `parse`."""
        unchanged = core_schema.plain_serializer_function_ser_schema(lambda value: value)
        text = core_schema.str_schema(strict=True)
        return core_schema.no_info_after_validator_function(self.parse, text, serialization=unchanged)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the text for editors."""
        return {"type": "string", **self.json_schema}

    def __hash__(self) -> int:
        return hash(self.parse)
