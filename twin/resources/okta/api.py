"""The Okta client: JSON replies, errors by code, pages by the `Link` header."""

from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, body, following_pages, transient


class OktaSystem(HttpSystem):
    """The API of one Okta org, under its URL; in a call's `absent` an HTTP status counts as a code."""

    def __init__(self, base_url: str, token: str, **options: Any) -> None:
        super().__init__(base_url, f"SSWS {token}", **options)

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        found = body(call, reply)
        if reply.ok:
            return found
        said = found if isinstance(found, dict) else {}
        code = str(said.get("errorCode", reply.status_code))
        if {code, str(reply.status_code)} & set(call.absent):
            return None
        causes = [cause.get("errorSummary", "") for cause in said.get("errorCauses") or ()]
        message = "; ".join([str(said.get("errorSummary", reply.reason)), *causes])
        raise Refused(call, code, message, status=reply.status_code, transient=transient(call, reply.status_code))

    def _pages(self, call: Call) -> list[Any]:
        pages = following_pages(call, lambda sent, url: self._send(sent, url), self.base_url)
        return [item for reply in pages for item in self._decode(call, reply) or []]
