"""Refusals of the OAuth 2.0 and OpenID Connect endpoints, in the vendor's own words."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "oauth_errors.json").read_text())["errors"]
BEARER = ("invalid_token", "insufficient_scope")


class OAuthRefusal(Exception):
    """A refusal by the vendor's internal code; `fill` completes the description, `headers` go with the reply."""

    def __init__(self, code: str, fill: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        entry = TABLE[code]
        self.headers = dict(headers or {})
        self.code = str(entry["error"])
        self.status = int(entry["status"])
        self.description = str(entry["description"]).replace("{0}", fill)
        super().__init__(f"{self.code}: {self.description}")

    def body(self) -> dict[str, str]:
        """Return the error as RFC 6749 shapes it."""
        return {"error": self.code, "error_description": self.description}


class Challenge(Exception):
    """A refusal of a call by a bearer: the management API tells it in a header only, and the body is empty.

    `about` are further parameters of the header, before the error.
    https://github.com/okta/okta-sdk-golang/issues/145 shows a whole one.
    """

    def __init__(self, refused: OAuthRefusal, scheme: str, about: Mapping[str, str]) -> None:
        super().__init__(str(refused))
        self.refused = refused
        told = {**about, "error": refused.code, "error_description": refused.description}
        if "resource" in told:
            told["resource"] = told.pop("resource")
        self.header = f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in told.items())


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
