"""The Auth0 client: a management token by client credentials, JSON replies, errors by code, numbered pages."""

import threading
from dataclasses import dataclass, field
from typing import Any

import requests

from twin.resources.call import Call, Refused
from twin.resources.http_api import HttpSystem, body, transient

TOKEN = "/oauth/token"  # noqa: S105 - a path
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine-to-machine client by which a tenant's management API is used, and the tenant's own domain."""

    domain: str
    client_id: str
    client_secret: str = field(repr=False)


class Auth0System(HttpSystem):
    """The management API of one tenant; in a call's `absent` an HTTP status counts as a code.

    The token is fetched before the first call, and once more when the tenant no longer takes it.
    """

    def __init__(self, base_url: str, machine: Machine, **options: Any) -> None:
        super().__init__(base_url, "", **options)
        del self.session.headers["Authorization"]
        self.machine = machine
        self._lock = threading.Lock()

    def _send(self, call: Call, url: str, extra: dict[str, Any] | None = None) -> requests.Response:
        held = self._authorised(None)
        reply = super()._send(call, url, extra)
        if reply.status_code == requests.codes.unauthorized:
            self._authorised(held)
            reply = super()._send(call, url, extra)
        return reply

    def _authorised(self, refused: str | None) -> str:
        """Return the header of a token other than the refused one; threads that wait for it share one."""
        with self._lock:
            held = self.session.headers.get("Authorization")
            if held is None or held == refused:
                self.session.headers.pop("Authorization", None)
                held = f"Bearer {self._token()}"
                self.session.headers["Authorization"] = held
            return str(held)

    def _token(self) -> str:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.machine.client_id,
            "client_secret": self.machine.client_secret,
            "audience": f"https://{self.machine.domain}/api/v2/",
        }
        call = Call("auth0", TOKEN, "POST", {"json": asked})
        granted = self._decode(call, super()._send(call, self.base_url + TOKEN))
        return str(granted["access_token"])

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        found = body(call, reply)
        if reply.ok:
            return found
        said = found if isinstance(found, dict) else {}
        code = str(said.get("errorCode") or said.get("error") or reply.status_code)
        if {code, str(reply.status_code)} & set(call.absent):
            return None
        message = str(said.get("message") or said.get("error_description") or reply.reason)
        raise Refused(call, code, message, status=reply.status_code, transient=transient(call, reply.status_code))

    def _pages(self, call: Call) -> list[Any]:
        items: list[Any] = []
        page = 0
        while True:
            reply = self._send(call, self.base_url + call.service, {"page": page, "per_page": PER_PAGE})
            found = self._decode(call, reply)
            if found is None:
                return items
            rows = next(rows for rows in found.values() if isinstance(rows, list))
            items += rows
            page += 1
            if not rows or len(items) >= found["total"]:
                return items
