"""A client of the twin's Okta org that checks every exchange against the vendor's contract."""

import json
from dataclasses import dataclass

from okta_contract import CONTRACT
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.saas.okta.server import Okta

URL = "https://acme.okta.com"
TOKEN = "00bootstrap-token"


@dataclass
class Client:
    """Calls the org as an API client does; `last` is the last whole reply."""

    okta: Okta
    token: str = TOKEN
    last: object = None

    def __call__(self, method, path, body=None, *, expect=None, headers=None):
        sent = Headers({"Authorization": f"SSWS {self.token}", "Accept": "application/json"} | (headers or {}))
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        request = Request(method, path if path.startswith("http") else URL + path, sent, raw)
        self.last = self.okta.handle(request)
        CONTRACT.check(request, self.last)
        text = self.last.body.decode()
        if expect is None:
            assert self.last.status < 300, f"{method} {path}: {self.last.status} {text}"
        else:
            assert expect == (self.last.status, json.loads(text)["errorCode"]), text
        is_json = "json" in self.last.headers.get("Content-Type", "")
        return json.loads(text) if text and is_json else text

    def causes(self):
        """Return the causes of the last refusal as one string."""
        return " ".join(cause["errorSummary"] for cause in json.loads(self.last.body)["errorCauses"])

    def user(self, name="ada", query="?activate=false", **profile):
        """Create a user and return it."""
        login = f"{name}@acme.example"
        fields = {"firstName": name.title(), "lastName": "Test", "email": login, "login": login} | profile
        return self("POST", f"/api/v1/users{query}", {"profile": fields})

    def group(self, name="Engineers"):
        """Create a group and return it."""
        return self("POST", "/api/v1/groups", {"profile": {"name": name, "description": f"{name} of the org"}})

    def events(self):
        """Return the types of all events so far."""
        return [event["eventType"] for event in self.okta.org.events]
