"""The GitHub client: JSON replies, errors by status, pages by the `Link` header."""

from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, body, following_pages, transient

VERSION = "2022-11-28"


class GithubSystem(HttpSystem):
    """The REST API as the holder of a token sees it; in a call's `absent` stand HTTP statuses, as it has no codes."""

    def __init__(self, base_url: str, token: str, **options: Any) -> None:
        super().__init__(base_url, f"Bearer {token}", **options)
        self.session.headers.update({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION})

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        found = body(call, reply)
        if reply.ok:
            return found
        code = str(reply.status_code)
        if code in call.absent:
            return None
        said = found if isinstance(found, dict) else {}
        details = [
            str(one.get("message") or f"{one.get('field')}: {one.get('code')}") if isinstance(one, dict) else str(one)
            for one in said.get("errors") or ()
        ]
        message = "; ".join([str(said.get("message", reply.reason)), *details])
        raise Refused(call, code, message, status=reply.status_code, transient=transient(call, reply.status_code))

    def _pages(self, call: Call) -> list[Any]:
        items: list[Any] = []
        for reply in following_pages(call, lambda sent, url: self._send(sent, url), self.base_url):
            found = self._decode(call, reply) or []
            rows = found if isinstance(found, list) else next(rows for rows in found.values() if isinstance(rows, list))
            items += rows
        return items
