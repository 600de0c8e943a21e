"""Actions: what begins a workflow, how its jobs follow each other, and what stops them at an environment."""

import json

import pytest

from twin.clock import VirtualClock
from twin.world import snapshot

DEPLOY = """
name: deploy
on:
  push: {branches: [main]}
  pull_request:
  workflow_dispatch:
    inputs: {why: {required: true}}
permissions: {contents: read}
jobs:
  plan:
    runs-on: ubuntu-latest
    outputs: {digest: "${{ steps.plan.outputs.digest }}"}
    steps: [{run: make plan}]
  production:
    needs: plan
    if: github.event_name != 'pull_request'
    runs-on: ubuntu-latest
    environment: production
    permissions: {contents: read, id-token: write}
    steps: [{run: make apply}]
"""
FILE = ".github/workflows/deploy.yml"
PLACE = "/repos/acme/infra/environments/production"


@pytest.fixture
def people_(owner, infra, person, hub):
    """Ada changes things, Bob approves what goes to production."""
    ada, bob = person("ada", role="push"), person("bob", role="push")
    reviewers = [{"type": "User", "id": hub.account(login).id} for login in ("ada", "bob")]
    owner("PUT", PLACE, {"reviewers": reviewers, "prevent_self_review": True})
    ada.put(FILE, DEPLOY)
    return ada, bob


def gate(caller, run):
    """Return the only environment at which a run waits."""
    (waiting,) = caller("GET", f"/repos/acme/infra/actions/runs/{run['id']}/pending_deployments")
    return waiting


def review(caller, run, state="approved", expect=200):
    """Approve or reject what waits at production."""
    key = caller("GET", PLACE)["id"]
    body = {"environment_ids": [key], "state": state, "comment": "ship it"}
    return caller("POST", f"/repos/acme/infra/actions/runs/{run['id']}/pending_deployments", body, expect=expect)


def test_a_push_goes_through_plan_and_approval(people_, machine, hub):
    """The push begins the run, production waits for Bob, Ada's own approval is refused, and then it is deployed."""
    ada, bob = people_
    (run,) = ada.runs()
    assert (run["event"], run["status"], run["actor"]["login"]) == ("push", "queued", "ada")
    lease = machine.take()
    assert ada.jobs(run)["plan"]["status"] == "in_progress"
    machine.end(lease, digest="abc")
    assert ada.jobs(run)["production"]["status"] == "waiting"
    assert not gate(ada, run)["current_user_can_approve"]
    assert gate(bob, run)["current_user_can_approve"]
    review(ada, run, expect=422)
    assert machine.all() == []
    (deployed,) = review(bob, run)
    assert deployed["environment"] == "production"
    lease = machine.take()
    assert lease.contexts["needs"]["plan"]["outputs"] == {"digest": "abc"}
    machine.end(lease)
    assert ada("GET", f"/repos/acme/infra/actions/runs/{run['id']}")["conclusion"] == "success"
    states = ada("GET", f"/repos/acme/infra/deployments/{deployed['id']}/statuses")
    assert [one["state"] for one in states] == ["success", "in_progress", "queued", "pending"]
    (approval,) = ada("GET", f"/repos/acme/infra/actions/runs/{run['id']}/approvals")
    assert (approval["user"]["login"], approval["state"]) == ("bob", "approved")
    kinds = [one.kind for one in machine.hub.tell.__self__.happenings]
    assert kinds.index("github.deployment.approved") < kinds.index("github.run.completed")


def test_a_rejected_deployment_fails_the_run(people_, machine):
    """What Bob rejects never begins."""
    ada, bob = people_
    (run,) = ada.runs()
    machine.all()
    review(bob, run, "rejected")
    assert machine.all() == []
    assert ada.jobs(run)["production"]["conclusion"] == "failure"
    review(bob, run, expect=422)


def test_a_wait_timer_runs_on_the_worlds_clock(owner, people_, machine, world, clock):
    """Approved at once, production still waits out its quarter of an hour; then it is queued by itself."""
    ada, bob = people_
    owner("PUT", PLACE, {"wait_timer": 15, "reviewers": [{"type": "User", "id": gate_id(machine)}]})
    machine.all()
    (run,) = ada.runs()
    review(bob, run)
    assert machine.all() == []
    clock.advance(15 * 60 - 1)
    world.settle()
    assert machine.all() == []
    clock.advance(1)
    world.settle()
    assert machine.all() == ["production"]


def gate_id(machine):
    """Return Bob's id."""
    return machine.hub.account("bob").id


def test_a_gate_stands_in_a_world_that_was_put_away(owner, people_, machine, world, clock):
    """The run still waits when the world is back, its timer goes on, and its secrets of yesterday are good."""
    from github_caller import Caller, Machine

    owner("PUT", PLACE, {"wait_timer": 15})
    machine.all()
    kept = snapshot.save(world, b"k" * 32)
    world.close()
    again = snapshot.restore(kept, b"k" * 32, VirtualClock).world
    caller = Caller(again, owner.token)
    assert caller.jobs(caller.runs()[0])["production"]["status"] == "waiting"
    again.clock.leader.advance(15 * 60)
    again.settle()
    assert Machine(again.vendors.github()).all() == ["production"]
    again.close()


def test_an_approval_that_nobody_gives_expires(people_, machine, world, clock):
    """After thirty days the waiting job fails."""
    ada, _ = people_
    machine.all()
    clock.advance(30 * 86400)
    world.settle()
    (run,) = ada.runs()
    assert run["conclusion"] == "failure"


def test_only_branches_of_the_policy_deploy(owner, people_, machine):
    """Dispatched on another branch, production fails at its gate and says why."""
    ada, bob = people_
    owner("PUT", PLACE, {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}})
    pattern = owner("POST", f"{PLACE}/deployment-branch-policies", {"name": "release/*"})
    machine.all()
    (run,) = ada.runs()
    job = ada.jobs(run)["production"]
    assert job["conclusion"] == "failure"
    check = ada("GET", f"/repos/acme/infra/check-runs/{job['id']}")
    assert check["output"]["summary"].startswith('Branch "main" is not allowed to deploy to production')
    owner("PUT", f"{PLACE}/deployment-branch-policies/{pattern['id']}", {"name": "main"})
    assert owner("GET", f"{PLACE}/deployment-branch-policies/{pattern['id']}")["name"] == "main"
    bob("POST", f"/repos/acme/infra/actions/runs/{run['id']}/rerun-failed-jobs", expect=201)
    assert machine.all() == ["production"]
    owner("DELETE", f"{PLACE}/deployment-branch-policies/{pattern['id']}", expect=204)


def test_an_environment_that_nobody_made_protects_nothing(people_, machine, owner):
    """A job that names an unknown environment makes it, and goes through at once."""
    ada, _ = people_
    machine.all()
    ada.put(".github/workflows/other.yml", DEPLOY.replace("environment: production", "environment: prod"))
    assert "production" in machine.all()
    assert owner("GET", "/repos/acme/infra/environments/prod")["protection_rules"] == []


def test_a_failed_job_keeps_what_needs_it_from_running(people_, machine):
    """Production is skipped when the plan failed, and the run failed; run again, it goes on."""
    ada, _ = people_
    machine.all("failure")
    (run,) = ada.runs()
    assert run["conclusion"] == "failure"
    assert ada.jobs(run)["production"]["conclusion"] == "skipped"
    ada("POST", f"/repos/acme/infra/actions/runs/{run['id']}/rerun", expect=201)
    assert machine.all() == ["plan"]
    assert ada.runs()[0]["run_attempt"] == 2
    ada("POST", f"/repos/acme/infra/actions/runs/{run['id']}/cancel", expect=202)
    assert ada.runs()[0]["conclusion"] == "cancelled"


def test_a_pull_request_is_checked_as_it_would_be_merged(people_, machine):
    """Its run is on the merge, its jobs are checks of its head, and it deploys nothing."""
    ada, _ = people_
    machine.all()
    ada.branch("change")
    ada.put("a.txt", "a", branch="change")
    pull = ada.pull("change")
    lease = machine.take()
    assert lease.contexts["github"]["ref"] == f"refs/pull/{pull['number']}/merge"
    machine.end(lease)
    run = ada.runs()[0]
    assert (run["event"], run["conclusion"], run["head_sha"]) == ("pull_request", "success", pull["head"]["sha"])
    checks = ada("GET", f"/repos/acme/infra/commits/{pull['head']['sha']}/check-runs")["check_runs"]
    assert {one["name"]: one["conclusion"] for one in checks} == {"plan": "success", "production": "skipped"}


def test_a_job_speaks_with_its_own_token(people_, machine, world):
    """It may do what the workflow says, write checks where it asks for that, and nothing once the job has ended."""
    from github_caller import Caller

    ada, _ = people_
    machine.all()
    more = "permissions: {contents: read, checks: write, pull-requests: write}\njobs"
    text = DEPLOY.replace("permissions: {contents: read}\njobs", more)
    ada.branch("change")
    ada.put(".github/workflows/more.yml", text.replace("name: deploy", "name: more"), branch="change")
    pull = ada.pull("change")
    leases = [machine.take() for _ in range(2)]
    lease = next(one for one in leases if "checks" in one.permissions)
    job = Caller(world, lease.token)
    at = f"/repos/acme/infra/issues/{pull['number']}/comments"
    made = job("POST", at, {"body": "1 to create"}, expect=201)
    assert made["user"]["login"] == "github-actions[bot]"
    job("PATCH", f"/repos/acme/infra/issues/comments/{made['id']}", {"body": "2 to create"})
    body = {"name": "scenario F1", "head_sha": pull["head"]["sha"], "conclusion": "success"}
    check = job("POST", "/repos/acme/infra/check-runs", body, expect=201)
    job("PATCH", f"/repos/acme/infra/check-runs/{check['id']}", {"conclusion": "failure"})
    ada("POST", "/repos/acme/infra/check-runs", body, expect=403)
    job("PUT", "/repos/acme/infra/actions/workflows/deploy.yml/disable", expect=403)
    assert json.loads(job.last.body)["message"] == "Resource not accessible by integration"
    machine.end(lease)
    job("GET", "/repos/acme/infra", expect=401)


def test_a_strangers_pull_request_runs_when_somebody_lets_it(owner, infra, people_, machine, person):
    """From a fork it waits for a maintainer, and then has a token that writes nothing."""
    ada, _ = people_
    machine.all()
    owner("PATCH", "/repos/acme/infra", {"visibility": "public"})
    mallory = person("mallory", member=False)
    mallory("POST", "/repos/acme/infra/forks", {}, expect=202)
    assert mallory("GET", "/repos/mallory/infra/actions/permissions") == {"enabled": False}
    mallory.put("evil.txt", "x", repo="mallory/infra")
    mallory.pull("mallory:main")
    run = ada.runs()[0]
    assert run["conclusion"] == "action_required"
    assert run["head_repository"]["full_name"] == "mallory/infra"
    ada("POST", f"/repos/acme/infra/actions/runs/{run['id']}/approve", expect=201)
    lease = machine.take()
    assert "write" not in lease.permissions.values()
    assert lease.request_url == ""
    mallory("PUT", "/repos/mallory/infra/actions/permissions", {"enabled": True}, expect=204)
    mallory.put("more.txt", "x", repo="mallory/infra")
    assert len(mallory.runs("mallory/infra")) == 1


def test_a_workflow_is_begun_by_hand(people_, machine):
    """Its inputs are held against those that it declares; disabled, it does not begin."""
    ada, _ = people_
    machine.all()
    at = "/repos/acme/infra/actions/workflows/deploy.yml"
    assert ada("GET", at)["state"] == "active"
    ada("POST", f"{at}/dispatches", {"ref": "main"}, expect=422)
    ada("POST", f"{at}/dispatches", {"ref": "main", "inputs": {"what": "x"}}, expect=422)
    ada("POST", f"{at}/dispatches", {"ref": "gone", "inputs": {"why": "x"}}, expect=422)
    ada("POST", f"{at}/dispatches", {"ref": "main", "inputs": {"why": "x"}}, expect=204)
    told = {"ref": "main", "inputs": {"why": "x"}, "return_run_details": True}
    made = ada("POST", f"{at}/dispatches", told)
    assert ada("GET", f"{at}/runs")["workflow_runs"][0]["id"] == made["workflow_run_id"]
    ada("PUT", f"{at}/disable", expect=204)
    ada("POST", f"{at}/dispatches", told, expect=422)
    ada("PUT", f"{at}/enable", expect=204)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on: push\njobs: {}", "No jobs defined"),
        ("on: schedule\njobs: {a: {runs-on: x, steps: [{run: a}]}}", "TwinUnsupportedOperation: the event schedule"),
        ("on: push\njobs: {a: {steps: [{run: a}]}}", "Required property is missing: runs-on"),
        ("on: push\njobs: {a: {needs: b, runs-on: x, steps: [{run: a}]}}", "depends on unknown job 'b'"),
        ("on: push\njobs: {a: {runs-on: x, steps: [{run: a, uses: b}]}}", "either `uses` or `run`"),
        (
            "on: push\npermissions: {contents: all}\njobs: {a: {runs-on: x, steps: [{run: a}]}}",
            "Unexpected value contents",
        ),
        ("on: push\njobs: {a: {runs-on: x, strategy: {}, steps: [{run: a}]}}", "'strategy'"),
        ("on: [push", "error in your yaml syntax"),
    ],
    ids=["no-jobs", "schedule", "no-runner", "unknown-need", "two-things", "permission", "strategy", "yaml"],
)
def test_a_broken_workflow_fails_at_its_start(owner, infra, hub, text, said):
    """The run says so by its conclusion, and why."""
    owner.put(FILE, text)
    assert owner.runs()[0]["conclusion"] == "startup_failure"
    (run,) = hub.repository("acme/infra").runs.values()
    assert said in run["#why"]


def test_one_run_of_a_group_goes_on_at_a_time(owner, infra, machine):
    """The second waits for the first, and a third takes the second's place."""
    text = "on: push\nconcurrency: {group: 'deploy-${{ github.ref }}'}\njobs: {a: {runs-on: x, steps: [{run: a}]}}"
    owner.put(FILE, text)
    lease = machine.take()
    for number in range(2):
        owner.put(f"{number}.txt", "x")
    assert [run["status"] for run in owner.runs()] == ["pending", "completed", "in_progress"]
    assert machine.all() == []
    machine.end(lease)
    assert machine.all() == ["a"]
    assert [run["conclusion"] for run in owner.runs()] == ["success", "cancelled", "success"]


def test_a_job_does_not_run_for_ever(owner, infra, machine, world, clock):
    """After its longest time it is stopped, and its token is worth nothing."""
    owner.put(FILE, "on: push\njobs: {a: {runs-on: x, timeout-minutes: 5, steps: [{run: a}]}}")
    lease = machine.take()
    clock.advance(300)
    world.settle()
    assert owner.runs()[0]["conclusion"] == "cancelled"
    machine.end(lease)
    assert owner.runs()[0]["conclusion"] == "cancelled"
    assert lease.token not in machine.hub.tokens
