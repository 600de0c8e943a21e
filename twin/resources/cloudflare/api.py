"""The Cloudflare client: the `result` of an envelope, errors by code, pages until there are no more."""

from collections.abc import Mapping
from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, body, transient


class CloudflareSystem(HttpSystem):
    """The API under `…/client/v4`; in a call's `absent` an HTTP status counts as a code."""

    def __init__(self, base_url: str, token: str, **options: Any) -> None:
        super().__init__(base_url, f"Bearer {token}", **options)

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        return (self._envelope(call, reply) or {}).get("result")

    def _envelope(self, call: Call, reply: requests.Response) -> Any:
        found = body(call, reply)
        if reply.ok and (found is None or (isinstance(found, dict) and found.get("success"))):
            return found
        errors = (found if isinstance(found, dict) else {}).get("errors") or [{"message": reply.reason}]
        codes = [str(error.get("code", reply.status_code)) for error in errors]
        if {*codes, str(reply.status_code)} & set(call.absent):
            return None
        said = "; ".join(_sentence(error, code) for error, code in zip(errors, codes, strict=True))
        raise Refused(call, codes[0], said, status=reply.status_code, transient=transient(call, reply.status_code))

    def _pages(self, call: Call) -> list[Any]:
        items: list[Any] = []
        page: dict[str, Any] | None = {}
        while page is not None:
            found = self._envelope(call, self._send(call, self.base_url + call.service, page))
            if not found or not found.get("result"):
                return items
            items += found["result"]
            page = _following(found.get("result_info") or {})
        return items


def _sentence(error: Mapping[str, Any], code: str) -> str:
    chain = "".join(
        f": {cause.get('message', '')} ({cause.get('code', '')})" for cause in error.get("error_chain") or ()
    )
    where = (error.get("source") or {}).get("pointer")
    return f"{error.get('message', '')} ({code}){chain}" + (f" at {where}" if where else "")


def _following(info: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the query of the next page: by cursor, by the number of pages, or by the count of all items."""
    if cursor := (info.get("cursors") or {}).get("after") or info.get("cursor"):
        return {"cursor": cursor}
    number = info.get("page", 1)
    if "total_pages" in info:
        more = number < info["total_pages"]
    else:
        more = number * info.get("per_page", 0) < info.get("total_count", 0)
    return {"page": number + 1} if more else None
