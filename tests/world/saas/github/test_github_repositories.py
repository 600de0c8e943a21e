"""Repositories as Terraform makes them: names, settings, the archive; and what GitHub has and the twin has not."""

import pytest

ORG, REPO = "/orgs/acme/repos", "/repos/acme/infra"


@pytest.fixture
def repo(owner):
    """A repository with a first commit."""
    return owner("POST", ORG, {"name": "infra", "private": True, "auto_init": True}, expect=201)


def test_a_repository_is_named_as_github_names_it(owner):
    """What cannot stand in a name becomes a hyphen; no name at all, or one too long, is refused."""
    assert owner("POST", ORG, {"name": "my repo!"}, expect=201)["name"] == "my-repo-"
    for name in ("", "..", "x" * 101, 7):
        owner("POST", ORG, {"name": name}, expect=422)
    assert owner("POST", ORG, {"name": "hidden", "visibility": "private"}, expect=201)["private"] is True
    owner("POST", ORG, {"name": "odd", "visibility": "galactic"}, expect=422)
    owner("POST", ORG, {"name": "odd", "license_template": "mit"}, expect=501)


def test_settings_are_kept_and_held_to_what_github_takes(owner, person, repo):
    """They come back as they were sent; how pull requests are merged is shown to those who push."""
    sent = {"has_wiki": False, "homepage": "https://acme.example", "delete_branch_on_merge": True}
    sent |= {"allow_squash_merge": False, "merge_commit_title": "PR_TITLE"}
    owner("PATCH", REPO, sent)
    read = owner("GET", REPO)
    assert {name: read[name] for name in sent} == sent
    assert "allow_squash_merge" not in person("bob", role="pull")("GET", REPO)
    for wrong, status in (
        ({"name": 7}, 422),
        ({"has_issues": "yes"}, 422),
        ({"merge_commit_title": "HAIKU"}, 422),
        ({"allow_merge_commit": False, "allow_squash_merge": False, "allow_rebase_merge": False}, 422),
        ({"name": "other"}, 501),
        ({"security_and_analysis": {"secret_scanning": {"status": "enabled"}}}, 501),
    ):
        owner("PATCH", REPO, wrong, expect=status)


def test_a_merge_follows_the_settings(owner, repo):
    """A way that is switched off is refused; the branch goes when it shall go with the merge."""
    owner.branch("change")
    owner.put("a.txt", "a", branch="change")
    number = owner.pull("change")["number"]
    owner("PATCH", REPO, {"allow_merge_commit": False, "delete_branch_on_merge": True})
    merge = f"{REPO}/pulls/{number}/merge"
    refused = owner("PUT", merge, {"merge_method": "merge"}, expect=405)
    assert refused["message"] == "Merge commits are not allowed on this repository."
    owner("PUT", merge, {"merge_method": "octopus"}, expect=422)
    owner("PUT", merge, {"merge_method": "squash"})
    owner("GET", f"{REPO}/git/ref/heads/change", expect=404)


def test_an_archived_repository_is_read_only(owner, repo):
    """Nothing is written until it is unarchived; it can be deleted."""
    assert owner("PATCH", REPO, {"archived": True})["archived"] is True
    refused = owner.put("a.txt", "a", expect=403)
    assert refused["message"] == "Repository was archived so is read-only."
    owner("PUT", f"{REPO}/environments/production", {}, expect=403)
    owner("PATCH", REPO, {"description": "x"}, expect=403)
    owner("GET", f"{REPO}/contents/README.md")
    owner("PATCH", REPO, {"archived": False})
    owner.put("a.txt", "a")
    owner("PATCH", REPO, {"archived": True})
    owner("DELETE", REPO, expect=204)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"{REPO}/topics"), ("GET", f"{REPO}/vulnerability-alerts"), ("POST", f"{REPO}/dispatches"),
        ("GET", f"{REPO}/actions/runners"), ("GET", f"{REPO}/properties/values"), ("GET", f"{REPO}/codeowners/errors"),
        ("PUT", "/orgs/acme/teams/ops/repos/acme/infra"), ("DELETE", "/orgs/acme/teams/ops"),
        ("GET", "/orgs/acme/actions/secrets"), ("GET", "/orgs/acme/rulesets"), ("GET", "/orgs/acme/hooks"),
        ("PATCH", "/orgs/acme"), ("GET", "/user/keys"),
    ],
)  # fmt: skip
def test_what_github_documents_and_the_twin_lacks_is_refused_by_name(owner, repo, method, path):
    """A 404 would have a client take what is there for gone."""
    told = owner(method, path, {} if method != "GET" else None, expect=501)
    assert told["message"].startswith("TwinUnsupportedOperation: ")


def test_what_nobody_has_is_not_found(owner, person, repo):
    """Neither a path of nobody's nor a repository that the caller may not see is told of."""
    owner("GET", f"{REPO}/nonsense", expect=404)
    owner("GET", "/orgs/acme/nonsense", expect=404)
    owner("GET", "/repos/acme/none/topics", expect=404)
    person("mallory", member=False)("GET", f"{REPO}/topics", expect=404)
