"""Files: read at any commit, written as commits of their own.

https://docs.github.com/en/rest/repos/contents
"""

import base64
import binascii

from twin.wire import Response
from twin.world.saas.github.access import actor_of, forbidden, has, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.branch_rules import rules_of
from twin.world.saas.github.branches import resolve
from twin.world.saas.github.errors import GithubError, conflict, not_found, unprocessable
from twin.world.saas.github.git_objects import Tree, blob_id, tree_id
from twin.world.saas.github.paging import page
from twin.world.saas.github.pushes import refuse_direct, write
from twin.world.saas.github.routes import REPO, Need, route
from twin.world.saas.github.shapes import git_commit
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

CONTENTS = f"{REPO}/contents/<path:path>"
WORKFLOWS = ".github/workflows/"


def _entry(repo: Repository, path: str, ref: str, *, text: str | None = None, sha: str = "") -> Record:
    kind = "file" if text is not None else "dir"
    key, git = (blob_id(text), "blobs") if text is not None else (sha, "trees")
    url = f"{repo.url}/contents/{path}?ref={ref}"
    links = {"self": url, "git": f"{repo.url}/git/{git}/{key}"}
    links["html"] = f"{SITE}/{repo.full_name}/{'blob' if kind == 'file' else 'tree'}/{ref}/{path}"
    told: Record = {"name": path.rpartition("/")[2], "path": path, "sha": key, "url": url, "type": kind}
    told |= {"size": len(text.encode()) if text is not None else 0, "git_url": links["git"], "html_url": links["html"]}
    raw = f"https://raw.githubusercontent.com/{repo.full_name}/{ref}/{path}"
    return told | {"download_url": raw if kind == "file" else None, "_links": links}


def _file(repo: Repository, path: str, ref: str, text: str) -> Record:
    content = base64.encodebytes(text.encode()).decode()
    return _entry(repo, path, ref, text=text) | {"content": content, "encoding": "base64"}


@route("GET", f"{REPO}/contents", "contents:read")
def list_root(hub: Hub, hit: Hit) -> Response:
    """List what stands at the root."""
    return _read(hub, hit, "")


@route("GET", CONTENTS, "contents:read")
def get_contents(hub: Hub, hit: Hit) -> Response:
    """Return a file, or what stands in a folder."""
    return _read(hub, hit, hit.path["path"].strip("/"))


def _read(hub: Hub, hit: Hit, path: str) -> Response:
    repo = repository_of(hub, hit)
    ref = hit.query.get("ref") or repo.default_branch
    at = resolve(repo, ref)
    if at is None:
        raise GithubError(404, f"No commit found for the ref {ref}" if repo.commits else "This repository is empty.")
    if path in at.tree:
        return json_response(200, _file(repo, path, ref, at.tree[path]))
    inside = f"{path}/" if path else ""
    below = {name.removeprefix(inside): text for name, text in at.tree.items() if name.startswith(inside)}
    if not below:
        raise not_found()
    return page(
        hit, sorted({name.partition("/")[0] for name in below}), lambda name: _row(repo, inside, ref, (name, below))
    )


def _row(repo: Repository, inside: str, ref: str, found: tuple[str, Tree]) -> Record:
    name, below = found
    if name in below:
        return _entry(repo, inside + name, ref, text=below[name])
    inner = {path.partition("/")[2]: text for path, text in below.items() if path.startswith(f"{name}/")}
    return _entry(repo, inside + name, ref, sha=tree_id(inner))


def _change(hub: Hub, hit: Hit, verb: str = "") -> tuple[Repository, str, Record]:
    """Return the repository, the branch and the body of a change that its token and its branch let be."""
    repo = repository_of(hub, hit)
    body = object_of(hit, message=str, content=str, sha=str, branch=str)
    demanded(body, "message")
    branch = body.get("branch") or repo.default_branch
    if repo.head(branch) is None and repo.commits:
        raise GithubError(404, f"Branch {branch} not found")
    if hit.path["path"].startswith(WORKFLOWS) and not has(hit.principal, Need("workflows", "write", "push")):
        raise forbidden(hit.principal, Need("workflows", "write", "push"))
    rules = rules_of(repo, branch)
    verb = verb or ("update" if body.get("sha") else "create")
    refuse_direct(rules, verb, hit.principal.job is None and hub.role(repo, actor_of(hit)) == "admin")
    return repo, branch, body


@route("PUT", CONTENTS, "contents:write")
def put_contents(hub: Hub, hit: Hit) -> Response:
    """Make or change a file; a change names the blob that it replaces."""
    repo, branch, body = _change(hub, hit)
    demanded(body, "content")
    path, head = hit.path["path"], repo.head(branch)
    tree = dict(head.tree) if head is not None else {}
    try:
        text = base64.b64decode("".join(body["content"].split()), validate=True).decode()
    except (binascii.Error, ValueError) as broken:
        raise unprocessable("content is not valid Base64") from broken
    if path in tree and not body.get("sha"):
        raise unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')
    if body.get("sha") and (path not in tree or blob_id(tree[path]) != body["sha"]):
        raise conflict(f"{path} does not match {body['sha']}")
    new = path not in tree
    tree[path] = text
    sha = _written(hub, hit, repo, (branch, tree, body["message"]))
    told = {"content": _entry(repo, path, branch, text=text), "commit": git_commit(repo, repo.commits[sha])}
    return json_response(201 if new else 200, told)


@route("DELETE", CONTENTS, "contents:write")
def delete_contents(hub: Hub, hit: Hit) -> Response:
    """Delete a file."""
    repo, branch, body = _change(hub, hit, "delete")
    demanded(body, "sha")
    path, head = hit.path["path"], repo.head(branch)
    tree = dict(head.tree) if head is not None else {}
    if path not in tree:
        raise not_found()
    if blob_id(tree.pop(path)) != body["sha"]:
        raise conflict(f"{path} does not match {body['sha']}")
    sha = _written(hub, hit, repo, (branch, tree, body["message"]))
    return json_response(200, {"content": None, "commit": git_commit(repo, repo.commits[sha])})


def _written(hub: Hub, hit: Hit, repo: Repository, change: tuple[str, Tree, str]) -> str:
    branch, tree, message = change
    quiet = hit.principal.job is not None
    return write(hub, repo, branch, tree, message=message, login=actor_of(hit), quiet=quiet)
