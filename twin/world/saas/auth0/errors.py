"""Auth0's refusals: those of the management API, and those of the authentication API."""

from http import HTTPStatus
from typing import Any


class ManagementError(Exception):
    """A refusal of the management API by status and the vendor's code."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code

    def body(self) -> dict[str, Any]:
        """Return the error in the shape that Auth0 sends."""
        found = {"statusCode": self.status, "error": HTTPStatus(self.status).phrase, "message": self.message}
        return found | ({"errorCode": self.code} if self.code else {})


class GrantError(Exception):
    """A refusal of the authentication API, as OAuth 2.0 shapes it; `event` is what the log calls it, if it tells."""

    def __init__(self, error: str, description: str, status: int = 403, event: str = "") -> None:
        super().__init__(description)
        self.code = error
        self.description = description
        self.status = status
        self.event = event

    def body(self) -> dict[str, Any]:
        """Return the error in the shape that Auth0 sends."""
        return {"error": self.code, "error_description": self.description}


def not_found(kind: str, code: str) -> ManagementError:
    """Build the 404 that names what is missing."""
    return ManagementError(404, f"The {kind} does not exist.", code)


def invalid(message: str, code: str = "invalid_body") -> ManagementError:
    """Build the 400 that says what is wrong with a body."""
    return ManagementError(400, message, code)
