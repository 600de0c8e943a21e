"""The Datadog client: two keys, JSON replies, errors as sentences, numbered pages."""

from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, body, transient

PAGE_SIZE = 100


class DatadogSystem(HttpSystem):
    """The API of one organization; errors have no codes but the HTTP status."""

    def __init__(self, base_url: str, api_key: str, app_key: str, **options: Any) -> None:
        super().__init__(base_url, "", **options)
        del self.session.headers["Authorization"]
        self.session.headers.update({"DD-API-KEY": api_key, "DD-APPLICATION-KEY": app_key})

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        found = body(call, reply)
        if reply.ok:
            return found
        code = str(reply.status_code)
        if code in call.absent:
            return None
        errors = found.get("errors") if isinstance(found, dict) else None
        message = "; ".join(map(str, errors or [reply.reason]))
        raise Refused(call, code, message, status=reply.status_code, transient=transient(call, reply.status_code))

    def _pages(self, call: Call) -> list[Any]:
        """Read pages of a list of the first version (`page`) or of resources of the second (`page[offset]`)."""
        items: list[Any] = []
        while True:
            second = call.service.startswith("/api/v2/")
            asked = {"page[offset]": len(items), "page[limit]": PAGE_SIZE}
            if not second:
                asked = {"page": len(items) // PAGE_SIZE, "page_size": PAGE_SIZE}
            found = self._decode(call, self._send(call, self.base_url + call.service, asked))
            rows = found["data"] if second else found
            items += rows
            if len(rows) < PAGE_SIZE:
                return items
