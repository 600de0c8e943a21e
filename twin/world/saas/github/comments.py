"""What people and jobs write under pull requests.

https://docs.github.com/en/rest/issues/comments
"""

from twin.wire import Response
from twin.world.saas.github.access import ACTIONS, actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.errors import GithubError, not_found
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node, person
from twin.world.saas.github.state import SITE, Account, Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

COMMENTS = f"{REPO}/issues/<int:number>/comments"
COMMENT = f"{REPO}/issues/comments/<int:comment>"
BOT = 41898282
"""The id of github-actions[bot]: https://api.github.com/users/github-actions%5Bbot%5D."""


def writer(hub: Hub, login: str) -> Record:
    """Return who wrote something: a person, or Actions."""
    if login == ACTIONS:
        return person(Account(BOT, ACTIONS, "Bot", hub.instant(), ACTIONS, ""))
    return person(hub.account(login))


def _shown(hub: Hub, repo: Repository, held: Record) -> Record:
    told = {name: value for name, value in held.items() if not name.startswith("#")}
    site = f"{SITE}/{repo.full_name}/pull/{held['#number']}#issuecomment-{held['id']}"
    told |= {"url": f"{repo.url}/issues/comments/{held['id']}", "html_url": site, "author_association": "MEMBER"}
    told |= {"issue_url": f"{repo.url}/issues/{held['#number']}", "node_id": node("IssueComment", held["id"])}
    return told | {"user": writer(hub, held["#user"]), "performed_via_github_app": None}


@route("GET", COMMENTS, "pull_requests:read")
def list_comments(hub: Hub, hit: Hit) -> Response:
    """List the comments, oldest first."""
    repo, number = repository_of(hub, hit), int(hit.path["number"])
    if number not in repo.pulls:
        raise not_found()
    rows = [one for one in repo.comments.values() if one["#number"] == number]
    return page(hit, rows, lambda one: _shown(hub, repo, one))


@route("POST", COMMENTS, "pull_requests:write")
def create_comment(hub: Hub, hit: Hit) -> Response:
    """Write a comment."""
    repo, number, body = repository_of(hub, hit), int(hit.path["number"]), object_of(hit, body=str)
    demanded(body, "body")
    if number not in repo.pulls:
        raise not_found()
    made = {"id": hub.new_id(), "body": body["body"], "created_at": hub.now(), "updated_at": hub.now()}
    repo.comments[made["id"]] = made | {"#number": number, "#user": actor_of(hit)}
    return json_response(201, _shown(hub, repo, repo.comments[made["id"]]))


def _own(hub: Hub, hit: Hit) -> tuple[Repository, Record]:
    repo = repository_of(hub, hit)
    held = repo.comments.get(int(hit.path["comment"]))
    if held is None:
        raise not_found()
    return repo, held


@route("GET", COMMENT, "pull_requests:read")
def get_comment(hub: Hub, hit: Hit) -> Response:
    """Return one comment."""
    return json_response(200, _shown(hub, *_own(hub, hit)))


@route("PATCH", COMMENT, "pull_requests:write")
def update_comment(hub: Hub, hit: Hit) -> Response:
    """Change one's own comment; who may push changes anybody's."""
    repo, held = _own(hub, hit)
    login = actor_of(hit)
    if held["#user"] != login and (login == ACTIONS or hub.role(repo, login) not in ("push", "maintain", "admin")):
        raise GithubError(403, "Must have admin rights to Repository.")
    body = object_of(hit, body=str)
    demanded(body, "body")
    held |= {"body": body["body"], "updated_at": hub.now()}
    return json_response(200, _shown(hub, repo, held))
