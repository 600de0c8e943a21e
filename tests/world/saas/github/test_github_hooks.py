"""Webhooks of repositories: pinged, signed, listed with what was answered, sent again when asked."""

import hmac
import json
import sys
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from github import Auth, Github

sys.path.insert(0, str(Path(__file__).parents[2]))
from receivers import Receiver

HOOK, SECRET = "https://hooks.acme.example", "hunter2-hunter2"
WORKFLOW = """
name: deploy
on: {push: {branches: [main]}}
jobs:
  production:
    runs-on: ubuntu-latest
    environment: production
    steps: [{run: make apply}]
"""
HOOKS = "/repos/acme/infra/hooks"


@pytest.fixture
def receiver(world):
    """A receiver that takes what comes."""
    found = Receiver()
    world.scene.reach.receivers[HOOK] = found
    return found


@pytest.fixture
def repo(owner):
    """A repository with a first commit."""
    return owner("POST", "/orgs/acme/repos", {"name": "infra", "private": True, "auto_init": True}, expect=201)


@pytest.fixture
def later(world, clock):
    """Lets two seconds go by."""

    def later():
        clock.advance(2)
        world.settle()

    return later


def body(*events, url=f"{HOOK}/gh", **config):
    """Return the body of a hook."""
    told = {"url": url, "content_type": "json", "secret": SECRET, "insecure_ssl": "0"}
    return {"name": "web", "active": True, "events": list(events) or ["push"], "config": told | config}


def came(receiver):
    """Return the events that came, each with its action."""
    return [(one.headers["X-GitHub-Event"], json.loads(one.body).get("action")) for one in receiver.got]


def test_a_new_hook_is_pinged_and_hides_its_secret(owner, repo, receiver, later):
    """The signature is that of the raw body; the delivery tells what was sent and what was answered."""
    made = owner("POST", HOOKS, body(), expect=201)
    assert (made["config"]["secret"], made["last_response"]["status"]) == ("********", "unused")
    later()
    assert [one["id"] for one in owner("GET", HOOKS)] == [made["id"]]
    (post,) = receiver.got
    told = json.loads(post.body)
    assert (post.headers["X-GitHub-Event"], told["hook_id"]) == ("ping", made["id"])
    for name, kind in (("X-Hub-Signature-256", "sha256"), ("X-Hub-Signature", "sha1")):
        assert post.headers[name] == f"{kind}={hmac.new(SECRET.encode(), post.body, kind).hexdigest()}"
    assert SECRET not in post.body.decode()
    (listed,) = owner("GET", f"{HOOKS}/{made['id']}/deliveries")
    assert (listed["status"], listed["status_code"], listed["event"]) == ("OK", 204, "ping")
    whole = owner("GET", f"{HOOKS}/{made['id']}/deliveries/{listed['id']}")
    assert whole["request"]["headers"]["X-GitHub-Delivery"] == listed["guid"] == post.headers["X-GitHub-Delivery"]
    assert (whole["request"]["payload"], whole["response"]["payload"]) == (told, "")
    assert owner("GET", f"{HOOKS}/{made['id']}")["last_response"] == {"code": 204, "status": "active", "message": "OK"}


def test_a_push_its_run_and_its_deployment_come_in_order(owner, repo, machine, receiver, later):
    """From the push to the end of the run; a deployment that becomes inactive is not told."""
    events = ("push", "workflow_run", "deployment", "deployment_status")
    owner("POST", HOOKS, body(*events), expect=201)
    later()
    owner.put(".github/workflows/deploy.yml", WORKFLOW)
    lease = machine.take()
    machine.end(lease)
    later()
    assert came(receiver) == [
        ("ping", None), ("push", None), ("workflow_run", "requested"), ("deployment", "created"),
        ("deployment_status", "created"), ("deployment_status", "created"), ("workflow_run", "in_progress"),
        ("deployment_status", "created"), ("workflow_run", "completed"),
    ]  # fmt: skip
    states = [json.loads(one.body)["deployment_status"]["state"] for one in receiver.got
              if one.headers["X-GitHub-Event"] == "deployment_status"]  # fmt: skip
    assert states == ["queued", "in_progress", "success"]
    assert json.loads(receiver.got[-1].body)["workflow_run"]["conclusion"] == "success"


def test_branches_that_come_and_go_are_pushes(owner, repo, receiver, later):
    """Made, moved and deleted, with the commits that are new; a form carries the same in one field."""
    owner("POST", HOOKS, body(content_type="form"), expect=201)
    owner.branch("change")
    owner.put("a.txt", "a", branch="change")
    owner("DELETE", "/repos/acme/infra/git/refs/heads/change", expect=204)
    later()
    pushes = [json.loads(parse_qs(one.body.decode())["payload"][0]) for one in receiver.got[1:]]
    assert [(one["created"], one["deleted"], len(one["commits"])) for one in pushes] == [
        (True, False, 1), (False, False, 1), (False, True, 0),
    ]  # fmt: skip
    assert pushes[1]["commits"][0]["added"] == ["a.txt"]
    assert (pushes[1]["ref"], pushes[1]["sender"]["login"]) == ("refs/heads/change", "acme-owner")
    assert pushes[2]["after"] == "0" * 40


def test_what_failed_is_sent_again_only_when_asked(world, owner, repo, receiver, later):
    """A redelivery has the GUID of the first and an id of its own; one that would go outside is not sent."""
    made = owner("POST", HOOKS, body(), expect=201)
    receiver.status = 500
    later()
    path = f"{HOOKS}/{made['id']}/deliveries"
    (failed,) = owner("GET", path)
    assert (failed["status"], failed["status_code"]) == ("Invalid HTTP Response: 500", 500)
    for _ in range(3):
        later()
    assert len(receiver.got) == 1
    receiver.status = 200
    owner("POST", f"{path}/{failed['id']}/attempts", expect=202)
    later()
    again, first = owner("GET", path)
    assert (again["redelivery"], again["guid"], again["status"]) == (True, first["guid"], "OK")
    assert again["id"] != first["id"]
    owner("POST", f"{path}/999/attempts", expect=404)
    elsewhere = owner("POST", HOOKS, body(url="https://ci.example.org/x"), expect=201)
    later()
    (outside,) = owner("GET", f"{HOOKS}/{elsewhere['id']}/deliveries")
    assert (outside["status"], outside["status_code"]) == ("TwinUndeliverable: outside", 0)
    assert [one.kind for one in world.scene.happenings if one.kind.startswith("webhook.")] == [
        "webhook.failed", "webhook.delivered", "webhook.undeliverable",
    ]  # fmt: skip


def test_deliveries_come_in_pages_and_are_forgotten(owner, repo, receiver, clock, later):
    """By a cursor, newest first; after three days the list is empty."""
    made = owner("POST", HOOKS, body(), expect=201)
    for _ in range(4):
        owner("POST", f"{HOOKS}/{made['id']}/pings", expect=204)
    later()
    path, seen = f"{HOOKS}/{made['id']}/deliveries?per_page=2", []
    while path:
        seen.append([one["id"] for one in owner("GET", path)])
        link = owner.last.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0].removeprefix("https://api.github.com")
    assert [len(one) for one in seen] == [2, 2, 1]
    flat = list(chain(*seen))
    assert flat == sorted(flat, reverse=True)
    clock.advance(3 * 86_400)
    assert owner("GET", f"{HOOKS}/{made['id']}/deliveries") == []


def test_hooks_are_held_to_what_github_takes(owner, person, repo, receiver):
    """Unknown events and keys, another name, no address, the same hook twice, somebody who is no admin: refused."""
    made = owner("POST", HOOKS, body(), expect=201)
    for wrong, status in (
        (body(), 422),
        (body("pusch"), 422),
        (body("issues"), 501),
        (body(url=""), 422),
        (body(url="ftp://x"), 422),
        (body(url="http://["), 422),
        (body(url="http://a:port"), 422),
        (body(content_type="xml"), 422),
        (body() | {"name": "email"}, 422),
        (body() | {"colour": "red"}, 422),
        ({"events": "push"}, 422),
    ):
        owner("POST", HOOKS, wrong, expect=status)
    person("bob", role="push")("GET", HOOKS, expect=404)
    person("eve", {"contents": "write", "metadata": "read"}, role="admin")("GET", HOOKS, expect=403)
    for number in range(19):
        owner("POST", HOOKS, body(url=f"{HOOK}/{number}"), expect=201)
    owner("POST", HOOKS, body(url=f"{HOOK}/more"), expect=422)
    path = f"{HOOKS}/{made['id']}"
    changed = owner("PATCH", path, {"add_events": ["workflow_run"], "active": False})
    assert (changed["events"], changed["active"]) == (["push", "workflow_run"], False)
    assert "secret" not in owner("PATCH", path, {"config": {"url": f"{HOOK}/new"}})["config"]
    owner("DELETE", path, expect=204)
    owner("DELETE", path, expect=404)


def test_pygithub_makes_lists_and_redelivers(world, owner, repo, served, receiver, later):
    """The official shape of hooks and deliveries is read by its usual client."""
    at_once = {"retry": None, "seconds_between_requests": None, "seconds_between_writes": None}
    client = Github(base_url=served(world.handle), auth=Auth.Token(world.github.token), **at_once)
    found = client.get_repo("acme/infra")
    hook = found.create_hook("web", {"url": f"{HOOK}/gh", "content_type": "json"}, ["push"], active=True)
    later()
    hook.ping()
    later()
    deliveries = list(found.get_hook_deliveries(hook.id))
    assert [(one.event, one.status_code) for one in deliveries] == [("ping", 204)] * 2
    assert found.get_hook_delivery(hook.id, deliveries[0].id).request.payload["hook_id"] == hook.id
    hook.edit("web", {"url": f"{HOOK}/other"}, events=["push", "deployment"])
    assert found.get_hook(hook.id).events == ["push", "deployment"]
    hook.delete()
    assert list(found.get_hooks()) == []
