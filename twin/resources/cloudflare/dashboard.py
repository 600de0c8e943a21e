"""Cloudflare's dashboard as somebody's browser asks for it: a page, or the status of an error."""

from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, transient

DASHBOARD = "https://dash.cloudflare.com"


class DashboardSystem(HttpSystem):
    """Pages of the dashboard; the code of a refusal is the HTTP status."""

    def __init__(self, **options: Any) -> None:
        super().__init__(DASHBOARD, "", **options)
        del self.session.headers["Authorization"]

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        if reply.ok:
            return {"status": reply.status_code, "page": reply.text}
        said, code = reply.text[:200] or reply.reason, str(reply.status_code)
        raise Refused(call, code, said, status=reply.status_code, transient=transient(call, reply.status_code))
