"""PagerDuty's refusals: those of the REST API with the vendor's code, and those of the Events API.

Codes: https://developer.pagerduty.com/docs/errors; 1008 as seen in https://github.com/dropbox/pygerduty/pull/64, 2001
and 2002 as in https://github.com/hubot-archive/hubot-pager-me/issues/57 and
https://github.com/PagerDuty/pagerduty-api-python-client/issues/61.
"""

from typing import Any


class RestError(Exception):
    """A refusal of the REST API by status and the vendor's code."""

    def __init__(self, status: int, message: str, code: int, errors: list[str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.errors = status, message, code, errors

    def body(self) -> dict[str, Any]:
        """Return the error in the shape that PagerDuty sends."""
        error: dict[str, Any] = {"message": self.message, "code": self.code}
        return {"error": error | ({"errors": self.errors} if self.errors is not None else {})}


class EventError(Exception):
    """A refusal of the Events API, which has no codes."""

    def __init__(self, status: int, name: str, message: str, errors: list[str]) -> None:
        super().__init__(message)
        self.status, self.name, self.message, self.errors = status, name, message, errors

    def body(self) -> dict[str, Any]:
        """Return the error in the shape that PagerDuty sends."""
        return {"status": self.name, "message": self.message, "errors": self.errors}


def not_found() -> RestError:
    """Build the 404, which does not say what is missing."""
    return RestError(404, "Not Found", 2100)


def invalid(*problems: str) -> RestError:
    """Build the 400 that says what is wrong with what was sent."""
    return RestError(400, "Invalid Input Provided", 2001, list(problems))


def arguments(*problems: str) -> RestError:
    """Build the 400 about something that is not there, or in the way."""
    return RestError(400, "Arguments Caused Error", 2002, list(problems))


def no_requester() -> RestError:
    """Build the 400 for a change that is nobody's."""
    return RestError(400, "Requester User Not Found", 1008, [])


def event_invalid(*problems: str) -> EventError:
    """Build the 400 of the Events API."""
    return EventError(400, "invalid event", "Event object is invalid", list(problems))
