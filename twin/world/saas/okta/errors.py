"""Okta's refusals: one exception, its codes and summaries read from a table of the vendor's own."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "errors.json").read_text())["errors"]


class OktaError(Exception):
    """A refusal by its vendor code; `about` fills the summary, `causes` lists what was wrong.

    `status` and `summary` stand in for the table's own.
    """

    def __init__(
        self,
        code: str,
        about: str = "",
        *,
        causes: Iterable[str] = (),
        status: int | None = None,
        summary: str = "",
    ) -> None:
        entry = TABLE[code]
        self.code = code
        self.status = status or int(entry["status"])
        self.summary = summary or str(entry["summary"]).replace("{0}", about)
        self.causes = tuple(causes)
        super().__init__(f"{code} {self.summary}")

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the error in the shape that Okta sends."""
        return {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }


def not_found(kind: str, key: str) -> OktaError:
    """Build the 404 that names the missing object and its class."""
    return OktaError("E0000007", f"Resource not found: {key} ({kind})")


def invalid(field: str, *causes: str) -> OktaError:
    """Build the 400 that names the field and, as causes, each thing wrong with it."""
    return OktaError("E0000001", field, causes=causes)


def refuse(field: str, *causes: str) -> NoReturn:
    """Raise the 400 that `invalid` builds."""
    raise invalid(field, *causes)
