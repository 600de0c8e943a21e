"""GitHub's refusals: a message, a page that explains it, and the status once more as text.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from collections.abc import Mapping
from typing import Any

DOCS = "https://docs.github.com/rest"
PROTECTED = "https://docs.github.com/articles/about-protected-branches"


class GithubError(Exception):
    """A refusal by status; `errors` says per field what is wrong, as GitHub's 422 does."""

    def __init__(self, status: int, message: str, *, errors: list[Any] | None = None, docs: str = DOCS,
                 headers: Mapping[str, str] | None = None) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.message, self.errors, self.docs = status, message, errors, docs
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the error in the shape that GitHub sends."""
        told: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            told["errors"] = self.errors
        return told | {"documentation_url": self.docs, "status": str(self.status)}


def not_found() -> GithubError:
    """Build the 404, which is also the answer about what the caller may not see."""
    return GithubError(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> GithubError:
    """Build the 422 about one field."""
    told = {"resource": resource, "field": field, "code": code} | ({"message": message} if message else {})
    return GithubError(422, "Validation Failed", errors=[told])


def unprocessable(message: str) -> GithubError:
    """Build the 422 that says in one sentence what is wrong."""
    return GithubError(422, message)


def conflict(message: str, *, docs: str = DOCS) -> GithubError:
    """Build the 409."""
    return GithubError(409, message, docs=docs)


def unsupported(what: str) -> GithubError:
    """Build the named refusal of what GitHub documents and the twin does not play."""
    return GithubError(501, f"TwinUnsupportedOperation: {what} is documented by GitHub and not simulated here")
