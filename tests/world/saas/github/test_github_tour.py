"""Every operation that the server has and the contract knows is asked once more, so that each reply was held to it."""

import json

import pytest

PROTECTION = dict.fromkeys(
    ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
)
FILE = ".github/workflows/deploy.yml"
TEXT = "on: push\njobs: {a: {runs-on: x, environment: production, steps: [{run: a}]}}"


@pytest.fixture
def at(infra):
    """The repository's address."""
    return "/repos/acme/infra"


def test_the_organisation_and_its_repository_are_read(owner, at):
    """Members, teams, the repository, its branches and commits."""
    team = owner("POST", "/orgs/acme/teams", {"name": "Release Crew"}, expect=201)
    owner("PUT", f"/orgs/acme/teams/{team['slug']}/memberships/acme-owner", {})
    owner("POST", "/orgs/acme/teams", {"name": "release crew"}, expect=422)
    assert owner("GET", "/orgs/acme")["login"] == "acme"
    assert [one["login"] for one in owner("GET", "/orgs/acme/members")] == ["acme-owner"]
    assert [one["slug"] for one in owner("GET", "/orgs/acme/teams")] == ["release-crew"]
    assert owner("GET", "/rate_limit")["rate"]["limit"] == 5000
    assert owner("GET", at)["permissions"]["admin"]
    assert owner("PATCH", at, {"description": "x"})["description"] == "x"
    owner("PATCH", at, {"default_branch": "gone"}, expect=422)
    assert [one["name"] for one in owner("GET", f"{at}/branches")] == ["main"]
    sha = owner("GET", f"{at}/branches/main")["commit"]["sha"]
    assert owner("GET", f"{at}/commits/main")["sha"] == sha
    owner("GET", f"{at}/commits/0123456", expect=422)


def test_protection_and_rulesets_are_read(owner, at):
    """Protection is there, then is not; rulesets are listed, changed and read."""
    owner("GET", f"{at}/branches/main/protection", expect=404)
    owner("PUT", f"{at}/branches/main/protection", {"restrictions": None}, expect=422)
    for wrong in (
        {"required_status_checks": {"strict": True, "checks": [{}]}},
        {"required_pull_request_reviews": {"required_approving_review_count": None}},
    ):
        owner("PUT", f"{at}/branches/main/protection", PROTECTION | wrong, expect=422)
    owner("PUT", f"{at}/branches/main/protection", PROTECTION)
    assert owner("GET", f"{at}/branches/main/protection")["enforce_admins"]["enabled"] is False
    owner("DELETE", f"{at}/branches/main/protection", expect=204)
    made = owner("POST", f"{at}/rulesets", {"name": "a", "enforcement": "active"}, expect=201)
    assert [one["id"] for one in owner("GET", f"{at}/rulesets")] == [made["id"]]
    assert owner("GET", f"{at}/rulesets/{made['id']}")["name"] == "a"


def test_runs_and_their_parts_are_read(owner, at, machine, hub):
    """A team may approve; workflows, jobs, logs, deployments and approvals have their own addresses."""
    team = owner("POST", "/orgs/acme/teams", {"name": "crew"}, expect=201)
    place = owner("PUT", f"{at}/environments/production", {"reviewers": [{"type": "Team", "id": team["id"]}]})
    owner.put(FILE, TEXT)
    owner("GET", f"{at}/environments/production")
    (run,) = owner.runs()
    body = {"environment_ids": [place["id"]], "state": "approved", "comment": ""}
    owner("POST", f"{at}/actions/runs/{run['id']}/pending_deployments", body)
    machine.all()
    job = owner.jobs(run)["a"]
    assert owner("GET", f"{at}/actions/jobs/{job['id']}")["steps"][0]["name"] == "work"
    owner("GET", f"{at}/actions/jobs/{job['id']}/logs", expect=302)
    (workflow,) = owner("GET", f"{at}/actions/workflows")["workflows"]
    assert owner("GET", f"{at}/actions/workflows/{workflow['id']}/runs")["total_count"] == 1
    (deployment,) = owner("GET", f"{at}/deployments?environment=production")
    assert owner("GET", f"{at}/deployments/{deployment['id']}")["sha"] == run["head_sha"]


def test_deployments_are_made_by_hand(owner, at):
    """One whose commit's status failed is refused, unless no status is required."""
    sha = owner("GET", f"{at}/commits/main")["sha"]
    owner("POST", f"{at}/statuses/{sha}", {"state": "failure"}, expect=201)
    owner("POST", f"{at}/statuses/{sha}", {"state": "fine"}, expect=422)
    owner("POST", f"{at}/deployments", {"ref": "main"}, expect=409)
    made = owner("POST", f"{at}/deployments", {"ref": "main", "required_contexts": []}, expect=201)
    owner("POST", f"{at}/deployments/{made['id']}/statuses", {"state": "success"}, expect=201)
    owner("POST", f"{at}/deployments/{made['id']}/statuses", {"state": "waiting"}, expect=422)


def test_pull_requests_are_closed_and_files_deleted(owner, at):
    """A pull request is closed and listed so; a file goes by its blob's id."""
    owner.branch("change")
    owner.put("a", "a", branch="change")
    number = owner.pull("change")["number"]
    owner("POST", f"{at}/pulls", {"title": "again", "head": "change", "base": "main"}, expect=422)
    owner("POST", f"{at}/pulls", {"title": "nothing", "head": "main", "base": "main"}, expect=422)
    assert owner("PATCH", f"{at}/pulls/{number}", {"state": "closed"})["state"] == "closed"
    assert [one["number"] for one in owner("GET", f"{at}/pulls?state=closed")] == [number]
    sha = owner("GET", f"{at}/contents/README.md")["sha"]
    owner("DELETE", f"{at}/contents/README.md", {"message": "x", "sha": sha}, expect=200)
    owner("GET", f"{at}/contents/README.md", expect=404)


ODD = (None, 1, "x", [], {}, [1], {"a": 1}, True, -1, "\u0000", "x" * 300)
BODIES = {
    "PUT /repos/acme/infra/environments/production": {"wait_timer": 1, "reviewers": [{"type": "User", "id": 1}],
                                                     "deployment_branch_policy": {"protected_branches": True}},
    "PUT /repos/acme/infra/contents/a.txt": {"message": "a", "content": "YQ==", "sha": "x", "branch": "main"},
    "POST /repos/acme/infra/pulls": {"title": "a", "head": "main", "base": "main"},
    "POST /repos/acme/infra/rulesets": {"name": "a", "enforcement": "active", "rules": [{"type": "deletion"}]},
    "PUT /repos/acme/infra/branches/main/protection": PROTECTION | {"required_status_checks": {"contexts": ["a"]}},
    "POST /repos/acme/infra/deployments": {"ref": "main", "payload": {}},
    "POST /repos/acme/infra/actions/variables": {"name": "a", "value": "b"},
    "PUT /repos/acme/infra/actions/secrets/A": {"encrypted_value": "a", "key_id": "b"},
    "PUT /repos/acme/infra/actions/oidc/customization/sub": {"use_default": False, "include_claim_keys": ["repo"]},
    "POST /repos/acme/infra/git/refs": {"ref": "refs/heads/x", "sha": "a"},
}  # fmt: skip


@pytest.mark.parametrize("operation", BODIES)
def test_whatever_a_client_sends_is_answered(owner, at, operation):
    """Each part of a good body by each odd value: no answer is an error of ours."""
    method, _, path = operation.partition(" ")
    bearer = {"Authorization": f"Bearer {owner.token}", "Content-Type": "application/json"}
    for name in BODIES[operation]:
        for odd in ODD:
            body = json.dumps({**BODIES[operation], name: odd}).encode()
            assert owner.send(method, f"https://api.github.com{path}", body, bearer).status != 500
    for body in (b"", b"[]", b"nope", b'"x"'):
        assert owner.send(method, f"https://api.github.com{path}", body, bearer).status != 500
