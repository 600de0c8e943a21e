"""A Cloudflare account of a world, configured through its API, and visitors of its sites."""

import json

from werkzeug.datastructures import Headers

from twin.wire import Request

API = "https://api.cloudflare.com/client/v4"


class Site:
    """An active zone with one proxied name; `api` calls Cloudflare, `get` visits."""

    def __init__(self, world, name="example.com"):
        self.world, self.name = world, name
        made = self.api("POST", "/zones", {"name": name, "account": {"id": world.cloudflare.account_id}})
        self.zone = f"/zones/{made['id']}"
        self.account = f"/accounts/{world.cloudflare.account_id}"
        self.api("PUT", f"{self.zone}/activation_check")

    def call(self, method, path, body=None, token=None, **headers):
        """Call the API; returns the wire reply."""
        lines = {"Authorization": f"Bearer {token or self.world.cloudflare.token}", **headers}
        data = b"" if body is None else json.dumps(body).encode()
        if data:
            lines["Content-Type"] = "application/json"
        return self.world.handle(Request(method, API + path, Headers(list(lines.items())), data))

    def api(self, method, path, body=None, **more):
        """Call the API with success; returns the result."""
        reply = self.call(method, path, body, **more)
        assert reply.status < 300, reply.body
        return json.loads(reply.body)["result"] if reply.body else None

    def record(self, name="www", content="192.0.2.10", *, proxied=True, type="A"):
        """Add a record."""
        return self.api(
            "POST", f"{self.zone}/dns_records", {"type": type, "name": name, "content": content, "proxied": proxied}
        )

    def rules(self, phase, *rules):
        """Replace the rules of a phase."""
        return self.api("PUT", f"{self.zone}/rulesets/phases/{phase}/entrypoint", {"rules": list(rules)})

    def get(self, path="/", host=None, method="GET", scheme="https", **headers):
        """Visit the site; underscores in header names are hyphens."""
        lines = [(name.replace("_", "-"), value) for name, value in headers.items()]
        url = f"{scheme}://{host or f'www.{self.name}'}{path}"
        return self.world.handle(Request(method, url, Headers(lines), b""))
