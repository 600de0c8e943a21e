"""Datadog's refusals: a status and a list of sentences.

https://docs.datadoghq.com/api/latest/ (APIErrorResponse)
"""

from typing import Any


class DatadogError(Exception):
    """A refusal."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(*errors)
        self.status, self.errors = status, errors

    def body(self) -> dict[str, Any]:
        """Return the error in the shape that Datadog sends."""
        return {"errors": list(self.errors)}


def invalid(*errors: str) -> DatadogError:
    """Build the 400 that says what is wrong."""
    return DatadogError(400, *errors)


def not_found(what: str) -> DatadogError:
    """Build the 404 that names what is missing."""
    return DatadogError(404, f"{what} not found")
