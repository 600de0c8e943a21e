"""The Cloudflare client: the `result` of an envelope, errors by code, pages until there are no more."""

from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, body


class CloudflareSystem(HttpSystem):
    """The API under `…/client/v4`."""

    def __init__(self, base_url: str, token: str, **options: Any) -> None:
        super().__init__(base_url, f"Bearer {token}", **options)

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        return (self._envelope(call, reply) or {}).get("result")

    def _envelope(self, call: Call, reply: requests.Response) -> Any:
        found = body(call, reply)
        if reply.ok and isinstance(found, dict) and found.get("success"):
            return found
        errors = (found or {}).get("errors") or [{"code": reply.status_code, "message": reply.reason}]
        if any(str(error["code"]) in call.absent for error in errors):
            return None
        said = "; ".join(f"{error['message']} ({error['code']})" for error in errors)
        raise Refused(
            call,
            str(errors[0]["code"]),
            said,
            status=reply.status_code,
            transient=reply.status_code in (429, 502, 503, 504),
        )

    def _pages(self, call: Call) -> list[Any]:
        items: list[Any] = []
        page: dict[str, Any] = {"page": 1}
        while True:
            found = self._envelope(call, self._send(call, self.base_url + call.service, page))
            if not found or not found.get("result"):
                return items
            items += found["result"]
            info = found.get("result_info") or {}
            if cursor := (info.get("cursors") or {}).get("after") or info.get("cursor"):
                page = {"cursor": cursor}
            elif "total_pages" in info and info.get("page", 1) < info["total_pages"]:
                page = {"page": info["page"] + 1}
            else:
                return items
