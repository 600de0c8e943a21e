"""GitHub in a world of its own, people with their tokens, and the contract that each exchange must meet."""

import base64
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.saas.github import people
from twin.world.saas.github.runner import finish, queued, take
from twin.world.vendors import github_organization
from twin.world.world import World

sys.path.insert(0, str(Path(__file__).parent))
import github_contract

API = "https://api.github.com"


@pytest.fixture
def clock():
    """A clock that stands at noon on 1 March 2026."""
    return VirtualClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def world(clock):
    """A world whose organisation is called acme."""
    made = World(7, clock, github=github_organization(7, "acme"))
    yield made
    made.close()


class Caller:
    """Calls GitHub with a token, without a client library; `last` is the last whole reply."""

    def __init__(self, world, token):
        self.world, self.token, self.last = world, token, None

    def send(self, method, url, body=b"", headers=None):
        """Send one request and hold the reply against the contract."""
        request = Request(method, url, Headers(headers or {}), body)
        self.last = self.world.handle(request)
        github_contract.check(request, self.last)
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


@pytest.fixture
def hub(world):
    """The true state of GitHub."""
    return world.vendors.github()


@pytest.fixture
def owner(world):
    """The organisation's owner, who may do everything."""
    return Caller(world, world.github.token)


@pytest.fixture
def person(world, hub):
    """Return a function that has somebody join the organisation and returns a caller with a token of theirs."""

    def join(login, permissions=people.EVERYTHING, *, role=None, member=True, **more):
        if login not in hub.accounts:
            people.sign_up(hub, login)
            if member:
                people.join(hub, "acme", login)
        if role:
            Caller(world, world.github.token)(
                "PUT", f"/repos/acme/infra/collaborators/{login}", {"permission": role}, expect=204
            )
        return Caller(world, people.mint(hub, login, "acme" if member else "", permissions, **more))

    return join


@pytest.fixture
def infra(owner):
    """A private repository with a first commit."""
    return owner("POST", "/orgs/acme/repos", {"name": "infra", "private": True, "auto_init": True}, expect=201)


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


@pytest.fixture
def machine(hub):
    """A machine of GitHub's."""
    return Machine(hub)


def pytest_terminal_summary(terminalreporter):
    """Print which served operations the vendor documents and no test has exercised."""
    if not github_contract.covered:
        return
    served, documented = github_contract.served(), len(github_contract.operations())
    missing = sorted(served - github_contract.covered)
    line = f"github contract: {len(served) - len(missing)} of {len(served)} served operations exercised and conforming"
    told = f", of {documented} documented" + (f"; not exercised: {', '.join(missing)}" if missing else "")
    terminalreporter.write_line(line + told)
