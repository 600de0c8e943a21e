"""The PagerDuty client: JSON replies, errors by code, pages by offset."""

from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, body, transient

LIMIT = 100


class PagerDutySystem(HttpSystem):
    """The REST API of one account; in a call's `absent` an HTTP status counts as a code."""

    def __init__(self, base_url: str, token: str, **options: Any) -> None:
        super().__init__(base_url, f"Token token={token}", **options)

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        found = body(call, reply)
        if reply.ok:
            return found
        said = found.get("error") if isinstance(found, dict) else None
        told = said if isinstance(said, dict) else {}
        code = str(told.get("code", reply.status_code))
        if {code, str(reply.status_code)} & set(call.absent):
            return None
        message = "; ".join([str(told.get("message") or reply.reason), *map(str, told.get("errors") or ())])
        raise Refused(call, code, message, status=reply.status_code, transient=transient(call, reply.status_code))

    def _pages(self, call: Call) -> list[Any]:
        items: list[Any] = []
        while True:
            reply = self._send(call, self.base_url + call.service, {"limit": LIMIT, "offset": len(items)})
            found = self._decode(call, reply)
            if found is None:
                return items
            rows = next(rows for rows in found.values() if isinstance(rows, list))
            items += rows
            if not found.get("more") or not rows:
                return items
