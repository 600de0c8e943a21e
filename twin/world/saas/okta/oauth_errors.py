"""Refusals of the OAuth 2.0 and OpenID Connect endpoints, in the vendor's own words."""

import json
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "oauth_errors.json").read_text())["errors"]
BEARER = ("invalid_token", "insufficient_scope")


class OAuthRefusal(Exception):
    """A refusal by the vendor's internal code; `fill` completes the description."""

    def __init__(self, code: str, fill: str = "") -> None:
        entry = TABLE[code]
        self.code = str(entry["error"])
        self.status = int(entry["status"])
        self.description = str(entry["description"]).replace("{0}", fill)
        super().__init__(f"{self.code}: {self.description}")

    def body(self) -> dict[str, str]:
        """Return the error as RFC 6749 shapes it."""
        return {"error": self.code, "error_description": self.description}


class Unredirectable(Exception):
    """A refusal of an authorize request whose client or redirect address cannot be trusted: the browser stays."""

    def __init__(self, refusal: OAuthRefusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the error in the shape of the management API, whose code is the OAuth error."""
        code = self.refusal.code
        summary = self.refusal.description
        return {"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": error_id, "errorCauses": []}
