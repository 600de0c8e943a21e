"""Pull requests: opened, reviewed, merged, closed.

https://docs.github.com/en/rest/pulls
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.errors import (
    PROTECTED,
    GithubError,
    conflict,
    invalid,
    not_found,
    unprocessable,
    unsupported,
)
from twin.world.saas.github.git_objects import Signature, changed, commit
from twin.world.saas.github.hook_payloads import tell_push
from twin.world.saas.github.paging import page
from twin.world.saas.github.pull_requests import head_sha, hindrances, tried_merge
from twin.world.saas.github.pushes import push, synchronize
from twin.world.saas.github.repository_settings import check_method, setting
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node, person, whole_repository
from twin.world.saas.github.state import SITE, Hub, Record, Repository, at_least
from twin.world.saas.router import Hit, json_response

PULLS = f"{REPO}/pulls"
ONE = f"{PULLS}/<int:number>"
EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def pull_of(repo: Repository, hit: Hit) -> Record:
    """Return the pull request that a path names."""
    held = repo.pulls.get(int(hit.path["number"]))
    if held is None:
        raise not_found()
    return held


def _side(hub: Hub, repo: Repository, branch: str, sha: str) -> Record:
    told = {"label": f"{repo.owner}:{branch}", "ref": branch, "sha": sha, "user": person(hub.account(repo.owner))}
    return told | {"repo": whole_repository(hub, repo)}


def shown_pull(hub: Hub, repo: Repository, held: Record, *, whole: bool = True) -> Record:
    """Return a pull request as lists show it, or as it is shown by itself."""
    url, issue = f"{repo.url}/pulls/{held['number']}", f"{repo.url}/issues/{held['number']}"
    site, sha = f"{SITE}/{repo.full_name}/pull/{held['number']}", held["#head_sha"]
    links = {"self": url, "html": site, "issue": issue, "comments": f"{issue}/comments", "commits": f"{url}/commits"}
    links |= {"review_comments": f"{url}/comments", "review_comment": f"{repo.url}/pulls/comments{{/number}}"}
    links |= {"statuses": f"{repo.url}/statuses/{sha}"}
    told: Record = {name: value for name, value in held.items() if not name.startswith("#")}
    told |= {"url": url, "node_id": node("PullRequest", held["id"]), "html_url": site, "issue_url": issue}
    told |= {
        f"{name}_url": links[name] for name in ("comments", "commits", "review_comments", "review_comment", "statuses")
    }
    told |= {"diff_url": f"{site}.diff", "patch_url": f"{site}.patch", "user": person(hub.account(held["#user"]))}
    told |= {"_links": {name: {"href": link} for name, link in links.items()}, "labels": [], "assignee": None}
    told |= {"assignees": [], "requested_reviewers": [], "requested_teams": [], "milestone": None, "locked": False}
    told |= {"author_association": "MEMBER", "auto_merge": None, "active_lock_reason": None}
    source = hub.repositories.get(held["#head"][0].lower(), repo)
    base = repo.head(held["base"])
    told["base"] = _side(hub, repo, held["base"], base.sha if base is not None else "")
    told["head"] = _side(hub, source, held["#head"][1], sha)
    if not whole:
        return told
    mergeable = held["#merge"] is not None if held["state"] == "open" else None
    blocked = "blocked" if hindrances(hub, repo, held) else "clean"
    by = held["#merged_by"]
    paths = changed(base.tree if base is not None else {}, repo.commits[held["#merge"] or sha].tree)
    told |= {"merged": held["merged_at"] is not None, "mergeable": mergeable, "rebaseable": mergeable}
    told |= {"mergeable_state": "dirty" if mergeable is False else blocked if mergeable else "unknown"}
    told |= {"merged_by": person(hub.account(by)) if by else None, "maintainer_can_modify": False, "commits": 1}
    told |= {"comments": sum(one["#number"] == held["number"] for one in repo.comments.values()), "review_comments": 0}
    return told | {"additions": len(paths), "deletions": 0, "changed_files": len(paths)}


@route("GET", PULLS, "pull_requests:read")
def list_pulls(hub: Hub, hit: Hit) -> Response:
    """List pull requests, newest first; open ones unless another state is asked for."""
    repo, state = repository_of(hub, hit), hit.query.get("state", "open")
    rows = [one for one in reversed(repo.pulls.values()) if state in ("all", one["state"])]
    rows = [one for one in rows if hit.query.get("base", one["base"]) == one["base"]]
    if (head := hit.query.get("head")) is not None:
        rows = [one for one in rows if f"{one['#head'][0].partition('/')[0]}:{one['#head'][1]}" == head]
    return page(hit, rows, lambda one: shown_pull(hub, repo, one, whole=False))


@route("GET", ONE, "pull_requests:read")
def get_pull(hub: Hub, hit: Hit) -> Response:
    """Return one pull request."""
    repo = repository_of(hub, hit)
    return json_response(200, shown_pull(hub, repo, pull_of(repo, hit)))


@route("POST", PULLS, "pull_requests:write")
def open_pull(hub: Hub, hit: Hit) -> Response:
    """Open a pull request from a branch, of this repository or of a fork."""
    repo, body = repository_of(hub, hit), object_of(hit, title=str, head=str, base=str, body=str, draft=bool)
    demanded(body, "title", "head", "base")
    base, (source, branch) = repo.head(body["base"]), _head(hub, repo, body["head"])
    head = source.head(branch)
    if base is None:
        raise invalid("PullRequest", "base")
    if head is None:
        raise invalid("PullRequest", "head")
    if head.sha == base.sha:
        said = f"No commits between {body['base']} and {body['head']}"
        raise invalid("PullRequest", "head", "custom", said)
    wanted, login = (source.full_name, branch), actor_of(hit)
    if any(
        one["#head"] == wanted and one["state"] == "open" and one["base"] == body["base"] for one in repo.pulls.values()
    ):
        said = f"A pull request already exists for {source.owner}:{branch}."
        raise invalid("PullRequest", "head", "custom", said)
    repo.commits.update(source.commits)
    number = max(repo.pulls, default=0) + 1
    made: Record = {
        "id": hub.new_id(),
        "number": number,
        "state": "open",
        "title": body["title"],
        "body": body.get("body"),
    }
    made |= {"base": body["base"], "draft": bool(body.get("draft")), "created_at": hub.now(), "updated_at": hub.now()}
    made |= {"closed_at": None, "merged_at": None, "merge_commit_sha": None, "#head": wanted, "#head_sha": head.sha}
    made |= {"#user": login, "#reviews": [], "#merged_by": "", "#merge": None, "#pusher": head.login}
    repo.pulls[number] = made
    synchronize(hub, repo, number, login)
    hub.note("pull_request.create", login, repo, pull_request_title=made["title"])
    return json_response(201, shown_pull(hub, repo, made))


def _head(hub: Hub, repo: Repository, text: str) -> tuple[Repository, str]:
    owner, colon, branch = text.partition(":")
    if not colon or owner.lower() == repo.owner.lower():
        return repo, branch if colon else text
    for one in hub.repositories.values():
        if one.owner.lower() == owner.lower() and (one.fork_of or "").lower() == repo.full_name.lower():
            return one, branch
    raise invalid("PullRequest", "head")


@route("PATCH", ONE, "pull_requests:write", role="push")
def update_pull(hub: Hub, hit: Hit) -> Response:
    """Change the title or the text of a pull request, or close it."""
    repo, body = repository_of(hub, hit), object_of(hit, title=str, body=str, state=str)
    held = pull_of(repo, hit)
    held |= {name: body[name] for name in ("title", "body") if name in body} | {"updated_at": hub.now()}
    if body.get("state") in ("open", "closed") and held["merged_at"] is None:
        held |= {"state": body["state"], "closed_at": hub.now() if body["state"] == "closed" else None}
    return json_response(200, shown_pull(hub, repo, held))


def _shown_review(hub: Hub, repo: Repository, held: Record, one: Record) -> Record:
    site = f"{SITE}/{repo.full_name}/pull/{held['number']}#pullrequestreview-{one['id']}"
    at = f"{repo.url}/pulls/{held['number']}"
    told = {name: value for name, value in one.items() if not name.startswith("#")}
    told |= {"node_id": node("PullRequestReview", one["id"]), "user": person(hub.account(one["#user"]))}
    told |= {"html_url": site, "pull_request_url": at, "author_association": "MEMBER"}
    return told | {"_links": {"html": {"href": site}, "pull_request": {"href": at}}}


@route("GET", f"{ONE}/reviews", "pull_requests:read")
def list_reviews(hub: Hub, hit: Hit) -> Response:
    """List the reviews, oldest first."""
    repo = repository_of(hub, hit)
    held = pull_of(repo, hit)
    return page(hit, held["#reviews"], lambda one: _shown_review(hub, repo, held, one))


@route("POST", f"{ONE}/reviews", "pull_requests:write")
def review(hub: Hub, hit: Hit) -> Response:
    """Review a pull request; nobody approves their own."""
    repo, body, login = repository_of(hub, hit), object_of(hit, event=str, body=str), actor_of(hit)
    held, event = pull_of(repo, hit), str(body.get("event", "COMMENT"))
    if event not in EVENTS:
        raise unprocessable("Invalid request.\n\nevent is not a possible value.")
    if event != "COMMENT" and login == held["#user"]:
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise GithubError(422, "Unprocessable Entity", errors=[f"Can not {verb} your own pull request"])
    made = {"id": hub.new_id(), "state": EVENTS[event], "body": body.get("body") or "", "submitted_at": hub.now()}
    held["#reviews"].append(made | {"commit_id": held["#head_sha"], "#user": login})
    hub.note("pull_request_review.submit", login, repo, state=made["state"])
    return json_response(200, _shown_review(hub, repo, held, held["#reviews"][-1]))


@route("PUT", f"{ONE}/merge", "contents:write")
def merge(hub: Hub, hit: Hit) -> Response:
    """Merge a pull request of which the base wants nothing more; administrators pass where its protection says so."""
    repo, body, login = (
        repository_of(hub, hit),
        object_of(hit, sha=str, merge_method=str, commit_title=str),
        actor_of(hit),
    )
    held, method = pull_of(repo, hit), str(body.get("merge_method") or "merge")
    check_method(repo, method)
    if method == "rebase":
        raise unsupported("merging by rebase")
    if held["state"] != "open" or held["draft"]:
        raise GithubError(405, "Pull Request is not mergeable")
    held["#head_sha"] = head_sha(hub, held)
    if body.get("sha", held["#head_sha"]) != held["#head_sha"]:
        raise conflict("Head branch was modified. Review and try the merge again.")
    merging = tried_merge(hub, repo, held)
    if merging is None:
        raise GithubError(405, "Pull Request is not mergeable")
    if reasons := hindrances(hub, repo, held):
        from twin.world.saas.github.branch_rules import rules_of

        rules = rules_of(repo, held["base"])
        if rules.admins_too or rules.by_ruleset or not at_least(hub.role(repo, login), "admin"):
            raise GithubError(405, "\n".join(reasons), docs=PROTECTED)
    sha = _merged(hub, repo, held, (method, login, body.get("commit_title") or ""))
    return json_response(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _merged(hub: Hub, repo: Repository, held: Record, how: tuple[str, str, str]) -> str:
    method, login, title = how
    base, who = repo.head(held["base"]), hub.account(login)
    assert base is not None, "a pull request's base is a branch that is there"
    parents = (base.sha, held["#head_sha"]) if method == "merge" else (base.sha,)
    told = title or f"Merge pull request #{held['number']} from {held['#head'][0].partition('/')[0]}/{held['#head'][1]}"
    tree = repo.commits[held["#merge"]].tree
    made = commit(dict(tree), parents, Signature(who.name, who.email, hub.instant()), told, who.login)
    repo.commits[made.sha] = made
    held |= {"state": "closed", "closed_at": hub.now(), "merged_at": hub.now(), "merge_commit_sha": made.sha}
    held["#merged_by"] = who.login
    hub.note("pull_request.merge", login, repo, pull_request_title=held["title"])
    push(hub, repo, held["base"], made.sha, login=who.login)
    branch = f"refs/heads/{held['#head'][1]}"
    if setting(repo, "delete_branch_on_merge") and held["#head"][0] == repo.full_name and branch in repo.refs:
        tell_push(hub, repo, branch, before=repo.refs.pop(branch), after=None, login=who.login)
    return made.sha
