"""GitHub's REST API: what tokens let be, what strangers see, lists, limits, and its own words for what it refuses."""

import base64

import pytest
from nacl.public import PrivateKey as NaclKey
from nacl.public import PublicKey, SealedBox

from twin.world.saas.github.secrets import private_key

READ = {"contents": "read", "metadata": "read"}


def said(caller):
    """Return the message of the last reply."""
    import json

    return json.loads(caller.last.body)["message"]


def test_what_a_token_lacks_is_named(person, infra):
    """A token that may read files reads them; writing is refused, and the header says what would be needed."""
    ada = person("ada", READ, role="push")
    assert ada("GET", "/repos/acme/infra/contents/README.md")["name"] == "README.md"
    ada.put("a.txt", "a", expect=403)
    assert said(ada) == "Resource not accessible by personal access token"
    assert ada.last.headers["x-accepted-github-permissions"] == "contents=write"
    ada.token = person("ada", {**READ, "contents": "write"}).token
    ada.put("a.txt", "a")


def test_what_one_may_not_see_is_not_there(person, infra, owner):
    """A private repository answers 404 to strangers, to nobody, and to a token for another repository."""
    owner("POST", "/orgs/acme/repos", {"name": "shop", "private": True}, expect=201)
    mallory = person("mallory", member=False)
    mallory("GET", "/repos/acme/infra", expect=404)
    assert said(mallory) == "Not Found"
    ada = person("ada", role="push", repositories=("shop",))
    ada("GET", "/repos/acme/infra", expect=404)
    ada.token = ""
    ada("GET", "/repos/acme/infra", expect=404)
    ada.token = "github_pat_wrong"
    ada("GET", "/repos/acme/infra", expect=401)
    assert said(ada) == "Bad credentials"


def test_only_administrators_set_up_environments(person, infra, owner):
    """Who may push cannot change an environment, whatever their token may."""
    person("ada", role="push")("PUT", "/repos/acme/infra/environments/production", {}, expect=404)
    owner("PUT", "/repos/acme/infra/environments/production", {})
    person("eve", role="admin")("PUT", "/repos/acme/infra/environments/production", {"wait_timer": 30})


def test_an_environment_has_its_rules(owner, infra, person, hub):
    """Reviewers, a wait and branch patterns come back as protection rules; what GitHub refuses is refused."""
    person("ada")
    place = "/repos/acme/infra/environments/production"
    policy = {"protected_branches": False, "custom_branch_policies": True}
    body = {"wait_timer": 15, "prevent_self_review": True, "deployment_branch_policy": policy}
    body["reviewers"] = [{"type": "User", "id": hub.account("ada").id}]
    rules = {rule["type"]: rule for rule in owner("PUT", place, body)["protection_rules"]}
    assert rules["wait_timer"]["wait_timer"] == 15
    assert rules["required_reviewers"]["prevent_self_review"]
    assert rules["required_reviewers"]["reviewers"][0]["reviewer"]["login"] == "ada"
    made = owner("POST", f"{place}/deployment-branch-policies", {"name": "release/*"})
    assert owner("GET", f"{place}/deployment-branch-policies")["branch_policies"] == [made]
    owner("PUT", place, {"wait_timer": 43201}, expect=422)
    owner("PUT", place, {"reviewers": [{"type": "User", "id": 1}]}, expect=422)
    owner("PUT", place, {"deployment_branch_policy": dict.fromkeys(policy, True)}, expect=422)
    owner("PUT", place, {"windows": []}, expect=422)
    assert owner("PUT", place, {})["protection_rules"] == []
    owner("DELETE", place, expect=204)
    owner("GET", place, expect=404)


@pytest.mark.parametrize("place", ["actions/secrets", "environments/production/secrets"])
def test_a_secret_is_sealed_and_never_comes_out(owner, infra, hub, place):
    """What libsodium sealed with the public key is opened by the private one alone; another key's id is refused."""
    owner("PUT", "/repos/acme/infra/environments/production", {})
    base = f"/repos/acme/infra/{place}"
    key = owner("GET", f"{base}/public-key")
    sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"hunter2")
    body = {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": key["key_id"]}
    owner("PUT", f"{base}/token", body, expect=201)
    owner("PUT", f"{base}/TOKEN", body, expect=204)
    shown = owner("GET", f"{base}/TOKEN")
    assert set(shown) == {"name", "created_at", "updated_at"}
    assert owner("GET", base)["total_count"] == 1
    repo = hub.repository("acme/infra")
    environment = "production" if "environments" in place else ""
    table = repo.environments["production"]["#secrets"] if environment else repo.secrets
    raw = private_key(hub, repo, environment).private_bytes_raw()
    held = base64.b64decode(table["TOKEN"]["#sealed"])
    assert SealedBox(NaclKey(raw)).decrypt(held) == b"hunter2"
    owner("PUT", f"{base}/OTHER", body | {"key_id": "1"}, expect=422)
    owner("PUT", f"{base}/GITHUB_X", body, expect=422)
    owner("PUT", f"{base}/OTHER", body | {"encrypted_value": "aGk="}, expect=422)
    owner("DELETE", f"{base}/TOKEN", expect=204)
    owner("GET", f"{base}/TOKEN", expect=404)


@pytest.mark.parametrize("place", ["actions/variables", "environments/production/variables"])
def test_variables_are_kept(owner, infra, place):
    """A variable is made once, changed, renamed, deleted."""
    owner("PUT", "/repos/acme/infra/environments/production", {})
    base = f"/repos/acme/infra/{place}"
    owner("POST", base, {"name": "region", "value": "eu-west-1"}, expect=201)
    owner("POST", base, {"name": "REGION", "value": "x"}, expect=409)
    owner("PATCH", f"{base}/REGION", {"value": "eu-west-2"}, expect=204)
    assert owner("GET", f"{base}/REGION")["value"] == "eu-west-2"
    owner("POST", base, {"name": "GITHUB_X", "value": "x"}, expect=422)
    assert [one["name"] for one in owner("GET", base)["variables"]] == ["REGION"]
    owner("DELETE", f"{base}/REGION", expect=204)
    owner("DELETE", f"{base}/REGION", expect=404)


def test_lists_come_in_pages(owner, infra):
    """The Link header leads from page to page and on none beyond the last."""
    for number in range(5):
        owner("PUT", f"/repos/acme/infra/environments/e{number}", {})
    first = owner("GET", "/repos/acme/infra/environments?per_page=2")
    assert first["total_count"] == 5
    links = dict(reversed(part.split("; ")) for part in owner.last.headers["Link"].split(", "))
    assert set(links) == {'rel="next"', 'rel="last"'}
    assert "page=3" in links['rel="last"']
    last = owner("GET", "/repos/acme/infra/environments?per_page=2&page=3")
    assert [one["name"] for one in last["environments"]] == ["e4"]
    assert 'rel="next"' not in owner.last.headers["Link"]


def test_the_limit_is_told_and_refuses_where_it_is_enforced(owner, infra, hub, clock):
    """Each call counts down; an hour later it begins anew; beyond it GitHub answers 403."""
    owner("GET", "/user")
    left = int(owner.last.headers["x-ratelimit-remaining"])
    owner("GET", "/user")
    assert int(owner.last.headers["x-ratelimit-remaining"]) == left - 1
    hub.limits.enforced = True
    hub.limits.spent["acme-owner"] = (hub.instant().timestamp(), 5000)
    owner("GET", "/user", expect=403)
    assert said(owner).startswith("API rate limit exceeded")
    clock.advance(3600)
    owner("GET", "/user")


def test_what_is_known_already_is_not_sent_again_and_costs_nothing(owner, infra):
    """Who names the ETag of what was read gets 304, without a body and without a count, until it changes."""
    path, keys = "/repos/acme/infra", {"Authorization": f"Bearer {owner.token}"}
    owner("GET", path)
    tag, left = owner.last.headers["ETag"], owner.last.headers["x-ratelimit-remaining"]
    again = owner.send("GET", f"https://api.github.com{path}", headers={**keys, "If-None-Match": tag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["x-ratelimit-remaining"] == left
    owner("PATCH", path, {"description": "new"})
    changed = owner.send("GET", f"https://api.github.com{path}", headers={**keys, "If-None-Match": tag})
    assert (changed.status, changed.headers["ETag"] == tag) == (200, False)


def test_a_file_comes_in_base64_and_nothing_else(owner, infra):
    """What is no Base64 is refused; line breaks, which encoders put in, are not."""
    path = "/repos/acme/infra/contents/a.txt"
    owner("PUT", path, {"message": "m", "content": "%%%"}, expect=422)
    assert said(owner) == "content is not valid Base64"
    owner("PUT", path, {"message": "m", "content": "aGVs\nbG8=\n"}, expect=201)
    assert base64.b64decode(owner("GET", path)["content"]) == b"hello"


def test_a_protected_branch_takes_pull_requests_only(owner, infra, person):
    """Nobody writes to it but through a pull request that others approved; its author's own approval is refused."""
    ada, bob = person("ada", role="push"), person("bob", role="push")
    rules = {"required_approving_review_count": 1, "dismiss_stale_reviews": True}
    body = {"required_status_checks": {"strict": False, "contexts": ["plan"]}, "enforce_admins": True}
    body |= {"required_pull_request_reviews": rules, "restrictions": None}
    owner("PUT", "/repos/acme/infra/branches/main/protection", body)
    ada.put("a.txt", "a", expect=409)
    assert "Changes must be made through a pull request." in said(ada)
    owner.put("a.txt", "a", expect=409)
    ada.branch("change")
    ada.put("a.txt", "a", branch="change")
    number = ada.pull("change")["number"]
    at = f"/repos/acme/infra/pulls/{number}"
    ada("POST", f"{at}/reviews", {"event": "APPROVE"}, expect=422)
    bob("PUT", f"{at}/merge", {}, expect=405)
    assert "At least 1 approving review is required by reviewers with write access." in said(bob)
    bob("POST", f"{at}/reviews", {"event": "APPROVE"})
    bob("PUT", f"{at}/merge", {}, expect=405)
    assert said(bob) == 'Required status check "plan" is expected.'
    sha = ada("GET", at)["head"]["sha"]
    ada("POST", f"/repos/acme/infra/statuses/{sha}", {"state": "success", "context": "plan"}, expect=201)
    ada.put("b.txt", "b", branch="change")
    bob("PUT", f"{at}/merge", {"sha": sha}, expect=409)
    bob("PUT", f"{at}/merge", {}, expect=405)
    assert said(bob).startswith("At least 1 approving review"), "a new commit dismisses the approval"
    bob("POST", f"{at}/reviews", {"event": "APPROVE"})
    sha = ada("GET", at)["head"]["sha"]
    ada("POST", f"/repos/acme/infra/statuses/{sha}", {"state": "success", "context": "plan"}, expect=201)
    assert bob("PUT", f"{at}/merge", {})["merged"]
    assert ada("GET", "/repos/acme/infra/contents/b.txt?ref=main")["name"] == "b.txt"
    assert ada("GET", f"/repos/acme/infra/commits/{sha}/status")["state"] == "success"


def test_a_ruleset_protects_as_well(owner, infra, person):
    """An active ruleset of the default branch refuses even its administrators; a disabled one nobody."""
    switches = ("dismiss_stale_reviews_on_push", "require_code_owner_review", "require_last_push_approval")
    told = dict.fromkeys((*switches, "required_review_thread_resolution"), False)
    rule = {"type": "pull_request", "parameters": told | {"required_approving_review_count": 1}}
    body = {"name": "main", "enforcement": "active", "rules": [rule, {"type": "deletion"}]}
    body["conditions"] = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}
    made = owner("POST", "/repos/acme/infra/rulesets", body, expect=201)
    owner.put("a.txt", "a", expect=409)
    assert said(owner).startswith("Repository rule violations found")
    owner("DELETE", "/repos/acme/infra/git/refs/heads/main", expect=422)
    assert owner("GET", "/repos/acme/infra/branches/main")["protected"]
    owner("PUT", f"/repos/acme/infra/rulesets/{made['id']}", {"enforcement": "disabled"})
    owner.put("a.txt", "a")
    owner("POST", "/repos/acme/infra/rulesets", body | {"name": "x", "rules": [{"type": "merge_queue"}]}, expect=501)
    assert "TwinUnsupportedOperation" in said(owner)
    owner("DELETE", f"/repos/acme/infra/rulesets/{made['id']}", expect=204)


def test_files_have_the_ids_that_git_gives_them(owner, infra):
    """The blob and the tree have git's own ids; a change that names another blob is a conflict."""
    owner.put("docs/a.txt", "hello\n")
    found = owner("GET", "/repos/acme/infra/contents/docs/a.txt")
    assert found["sha"] == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert base64.b64decode(found["content"]) == b"hello\n"
    owner.put("docs/a.txt", "more", expect=422)
    owner.put("docs/a.txt", "more", sha="0" * 40, expect=409)
    owner.put("docs/a.txt", "more", sha=found["sha"], expect=200)
    assert [one["type"] for one in owner("GET", "/repos/acme/infra/contents")] == ["file", "dir"]
    assert len(owner("GET", "/repos/acme/infra/commits")) == 3


def test_two_changes_of_one_file_conflict(owner, infra):
    """A pull request is not mergeable once its base changed the same file; of another file it is."""
    for name in ("one", "two", "three"):
        owner.branch(name)
    sha = owner("GET", "/repos/acme/infra/contents/README.md")["sha"]
    owner.put("README.md", "1", branch="one", sha=sha, expect=200)
    owner.put("README.md", "2", branch="two", sha=sha, expect=200)
    owner.put("other", "3", branch="three")
    pulls = [owner.pull(name)["number"] for name in ("one", "two", "three")]
    owner("PUT", f"/repos/acme/infra/pulls/{pulls[0]}/merge", {})
    owner("PUT", f"/repos/acme/infra/pulls/{pulls[1]}/merge", {}, expect=405)
    owner("PUT", f"/repos/acme/infra/pulls/{pulls[2]}/merge", {"merge_method": "squash"})
    assert [one["number"] for one in owner("GET", "/repos/acme/infra/pulls")] == [pulls[1]]


def test_the_audit_log_tells_who_did_what(owner, infra, world, person):
    """Owners read it, narrowed by action; others may not, and the world's evidence has it all."""
    owner("PUT", "/repos/acme/infra/environments/production", {})
    (entry,) = owner("GET", "/orgs/acme/audit-log?phrase=action:environment.create")
    assert (entry["actor"], entry["repo"], entry["environment_name"]) == ("acme-owner", "acme/infra", "production")
    person("ada")("GET", "/orgs/acme/audit-log", expect=403)
    actions = [event["action"] for event in world.vendors.evidence.events("github")]
    assert "environment.create" in actions


def test_what_is_not_simulated_is_refused_by_name(owner, infra):
    """A documented area that the twin lacks says so; a path that GitHub has not is a plain 404."""
    owner("GET", "/repos/acme/infra/releases", expect=501)
    assert "TwinUnsupportedOperation" in said(owner)
    owner("POST", "/graphql", {"query": "{viewer{login}}"}, expect=501)
    owner("GET", "/repos/acme/infra/nonsense", expect=404)
    bearer = {"Authorization": f"Bearer {owner.token}"}
    owner.send("PUT", "https://api.github.com/repos/acme/infra/environments/x", b"{", bearer)
    assert owner.last.status == 400
    assert said(owner) == "Problems parsing JSON"
