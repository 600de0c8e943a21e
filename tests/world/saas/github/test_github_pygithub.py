"""PyGithub, unchanged, drives the served twin through a repository's life."""

import pytest
from github import Auth, Github, GithubException, UnknownObjectException
from github_contract import CONTRACT

from twin.world.saas.github import people

WORKFLOW = """
name: deploy
on: {push: {branches: [main]}, workflow_dispatch: {}}
jobs:
  production:
    runs-on: ubuntu-latest
    environment: production
    steps: [{run: make apply}]
"""


@pytest.fixture
def client(world, served):
    """Return a function that makes a client with a token; without the contract the test is skipped here."""
    if CONTRACT.absent():
        pytest.skip(CONTRACT.absent())

    def handle(request):
        reply = world.handle(request)
        CONTRACT.check(request, reply)
        return reply

    base = served(handle)
    at_once = {"retry": None, "seconds_between_requests": None, "seconds_between_writes": None}
    return lambda token: Github(base_url=base, auth=Auth.Token(token), **at_once)


def test_pygithub_goes_through_a_repositorys_life(world, client, hub, machine):
    """Repository, protection, environment, secret, variable, pull request, run, approval, deployment: all are there."""
    github = client(world.github.token)
    org = github.get_organization("acme")
    repo = org.create_repo("infra", private=True, auto_init=True)
    people.sign_up(hub, "ada")
    people.join(hub, "acme", "ada")
    ada = github.get_user("ada")
    repo.add_to_collaborators("ada", "push")
    assert {one.login for one in org.get_members()} == {"acme-owner", "ada"}
    assert repo.get_collaborator_permission("ada") == "write"
    place = repo.create_environment("production", wait_timer=0, reviewers=[reviewing(ada.id)], prevent_self_review=True)
    assert place.protection_rules[0].type == "required_reviewers"
    assert place.create_variable("REGION", "eu-west-1")
    assert repo.create_secret("TOKEN", "hunter2").name == "TOKEN"
    assert [one.name for one in repo.get_secrets()] == ["TOKEN"]
    repo.create_file(".github/workflows/deploy.yml", "Deploy", WORKFLOW, branch="main")
    main = repo.get_branch("main")
    main.edit_protection(strict=True, contexts=["lint"], enforce_admins=True, required_approving_review_count=1)
    assert main.get_protection().required_status_checks.contexts == ["lint"]
    repo.create_git_ref("refs/heads/change", main.commit.sha)
    repo.create_file("a.txt", "Add a", "a", branch="change")
    pull = repo.create_pull(base="main", head="change", title="Add a", body="why not")
    assert pull.mergeable_state == "blocked"
    reviewer = client(people.mint(hub, "ada", "acme")).get_repo("acme/infra")
    reviewer.get_pull(pull.number).create_review(event="APPROVE")
    repo.get_commit(pull.head.sha).create_status("success", context="lint")
    pull.create_issue_comment("1 to create")
    assert [one.body for one in pull.get_issue_comments()] == ["1 to create"]
    assert [one.state for one in pull.get_reviews()] == ["APPROVED"]
    assert pull.merge().merged
    run = repo.get_workflow_runs()[0]
    assert (run.status, run.event) == ("waiting", "push")
    review(world, hub, run.id, place.id)
    assert machine.all() == ["production"]
    assert [job.conclusion for job in repo.get_workflow_run(run.id).jobs()] == ["success"]
    (deployment,) = [one for one in repo.get_deployments() if one.sha == run.head_sha]
    assert next(iter(deployment.get_statuses())).state == "success"
    workflow = repo.get_workflow("deploy.yml")
    assert workflow.create_dispatch("main")
    assert repo.get_workflow_runs().totalCount == 3
    assert github.rate_limiting[1] == 5000
    repo.delete_environment("production")
    with pytest.raises(UnknownObjectException):
        repo.get_environment("production")
    main.remove_protection()
    repo.delete()


def reviewing(key):
    """Return a reviewer as PyGithub wants it."""
    from github.EnvironmentProtectionRuleReviewer import ReviewerParams

    return ReviewerParams(type_="User", id_=key)


def review(world, hub, run, environment):
    """Have the run's own author be refused and Ada approve."""
    from github_caller import Caller

    at = f"/repos/acme/infra/actions/runs/{run}/pending_deployments"
    body = {"environment_ids": [environment], "state": "approved", "comment": ""}
    Caller(world, world.github.token)("POST", at, body, expect=422)
    Caller(world, people.mint(hub, "ada", "acme"))("POST", at, body)


def test_pygithub_understands_what_is_refused(world, client, hub):
    """A lacking permission, a repository that is not there and a branch that is protected come as its exceptions."""
    github = client(world.github.token)
    repo = github.get_organization("acme").create_repo("infra", private=True, auto_init=True)
    repo.get_branch("main").edit_protection(required_approving_review_count=1, enforce_admins=True)
    with pytest.raises(GithubException) as caught:
        repo.create_file("a.txt", "Add a", "a", branch="main")
    assert (caught.value.status, "pull request" in caught.value.data["message"]) == (409, True)
    people.sign_up(hub, "ada")
    people.join(hub, "acme", "ada")
    reader = client(people.mint(hub, "ada", "acme", {"contents": "read"})).get_repo("acme/infra")
    with pytest.raises(GithubException) as caught:
        reader.create_file("a.txt", "Add a", "a", branch="main")
    assert caught.value.status == 403
    with pytest.raises(UnknownObjectException):
        github.get_repo("acme/none")
