"""Who calls GitHub in tests without a client library, held against the contract; and who carries out its jobs."""

import base64
import json

from github_contract import CONTRACT
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.saas.github.runner import finish, queued, take

API = "https://api.github.com"


class Caller:
    """Calls GitHub with a token, without a client library; `last` is the last whole reply."""

    def __init__(self, world, token):
        self.world, self.token, self.last = world, token, None

    def send(self, method, url, body=b"", headers=None):
        """Send one request and hold the reply against the contract."""
        request = Request(method, url, Headers(headers or {}), body)
        self.last = self.world.handle(request)
        CONTRACT.check(request, self.last)
        return self.last

    def __call__(self, method, path, body=None, *, expect=200, host=API):
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        raw = json.dumps(body).encode() if body is not None else b""
        reply = self.send(method, host + path, raw, headers)
        assert expect == reply.status, reply.body.decode()
        return json.loads(reply.body) if reply.body else {}

    def put(self, path, text, *, repo="acme/infra", branch="main", expect=201, sha=None):
        """Write a file."""
        body = {"message": f"Write {path}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        return self("PUT", f"/repos/{repo}/contents/{path}", body | ({"sha": sha} if sha else {}), expect=expect)

    def branch(self, name, *, repo="acme/infra"):
        """Make a branch at the head of main."""
        sha = self("GET", f"/repos/{repo}/git/ref/heads/main")["object"]["sha"]
        self("POST", f"/repos/{repo}/git/refs", {"ref": f"refs/heads/{name}", "sha": sha}, expect=201)

    def pull(self, head, *, repo="acme/infra", base="main"):
        """Open a pull request."""
        return self("POST", f"/repos/{repo}/pulls", {"title": head, "head": head, "base": base}, expect=201)

    def runs(self, repo="acme/infra"):
        """Return the runs, newest first."""
        return self("GET", f"/repos/{repo}/actions/runs")["workflow_runs"]

    def jobs(self, run, repo="acme/infra"):
        """Return the jobs of a run by name."""
        return {job["name"]: job for job in self("GET", f"/repos/{repo}/actions/runs/{run['id']}/jobs")["jobs"]}


class Machine:
    """Carries out jobs: the next one that is queued, as a test wants it to end."""

    def __init__(self, hub):
        self.hub = hub

    def take(self):
        """Begin the next job."""
        return take(self.hub, *queued(self.hub)[0])

    def end(self, lease, conclusion="success", **outputs):
        """End a job."""
        finish(self.hub, lease, conclusion, steps=[{"name": "work", "conclusion": conclusion}], outputs=outputs)

    def all(self, conclusion="success"):
        """Carry out all that is queued, and what comes of it; returns the names of the jobs."""
        done = []
        while queued(self.hub):
            lease = self.take()
            done.append(lease.what.key)
            self.end(lease, conclusion)
        return done
