"""The machines that carry out jobs: they take one that is queued, get its token and contexts, and tell how it ended.

Only what plays GitHub's runners calls this; nobody's request reaches it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.semantics.workflows import Job, filled
from twin.world.saas.github.access import ACTIONS
from twin.world.saas.github.environments import environment_of
from twin.world.saas.github.progress import contexts_of, end, progress
from twin.world.saas.github.state import Hub, Record, Repository, Token

TIMES_OUT = "github.job.times_out"
TOKENS = "https://pipelines.actions.githubusercontent.com/_apis/idtoken"
DEFAULT = {"contents": "read", "metadata": "read", "packages": "read"}


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that a machine carries out: what it is, what its expressions see, and its two secrets."""

    repository: str
    run: int
    job: int
    what: Job
    contexts: Mapping[str, Any]
    permissions: Mapping[str, str]
    token: str = field(repr=False)
    request_url: str
    request_token: str = field(repr=False)


def queued(hub: Hub) -> list[tuple[str, int]]:
    """Return the jobs that wait for a machine: repository and id, oldest first."""
    found = [
        (job["id"], repo.full_name)
        for repo in hub.repositories.values()
        for job in repo.jobs.values()
        if job["status"] == "queued" and repo.runs[job["run_id"]]["status"] not in ("completed", "pending")
    ]
    return [(name, key) for key, name in sorted(found)]


def take(hub: Hub, repository: str, key: int) -> Lease:
    """Begin a job on a machine of GitHub's."""
    repo = hub.repository(repository)
    held = repo.jobs[key]
    run = repo.runs[held["run_id"]]
    job = next(one for one in run["#plan"].jobs if one.key == held["#key"])
    number = hub.new_id()
    held |= {"status": "in_progress", "started_at": hub.now(), "runner_id": number}
    held["runner_name"] = f"GitHub Actions {number}"
    if held["#deployment"] is not None:
        from twin.world.saas.github.deployment_life import set_state

        set_state(hub, repo, held["#deployment"], "in_progress")
    progress(hub, repo, run)
    permissions = granted(run, job)
    held["#token"] = _token(hub, repo, held, permissions)
    if permissions.get("id-token") == "write":
        held["#request"] = hub.ids.word(64)
    hub.agenda.after(job.minutes * 60, TIMES_OUT, repository=repo.full_name, job=key)
    contexts = contexts_of(hub, repo, run, job)
    if held["#environment"]:
        own = environment_of(repo, held["#environment"])["#variables"]
        contexts["vars"] |= {name: one["value"] for name, one in own.items()}
    contexts["secrets"] = {"GITHUB_TOKEN": held["#token"]}
    contexts["github"] |= {"token": held["#token"]}
    contexts["env"] = {name: filled(text, contexts) for name, text in contexts["env"].items()}
    url = f"{TOKENS}/{run['id']}/{key}?api-version=2.0" if held["#request"] else ""
    return Lease(repo.full_name, run["id"], key, job, contexts, permissions, held["#token"], url, held["#request"])


def granted(run: Record, job: Job) -> dict[str, str]:
    """Return what the token of a job may do: what it or its workflow asks for, and nothing that writes for a fork."""
    asked = job.permissions if job.permissions is not None else run["#plan"].permissions
    held = dict(DEFAULT if asked is None else {"metadata": "read", **asked})
    if run["#fork"]:
        held = {name: "read" if level == "write" else level for name, level in held.items() if name != "id-token"}
    return held


def _token(hub: Hub, repo: Repository, job: Record, permissions: Mapping[str, str]) -> str:
    secret = f"ghs_{hub.ids.word(36)}"
    held = {name.replace("-", "_"): level for name, level in permissions.items() if level != "none"}
    hub.tokens[secret] = Token(
        str(job["id"]), "GITHUB_TOKEN", ACTIONS, repo.owner, held, (repo.name,), job["id"]
    )  # fmt: skip
    return secret


def finish(hub: Hub, lease: Lease, conclusion: str, *, steps: list[Record], outputs: Mapping[str, str] | None = None,
           why: str = "") -> None:  # fmt: skip
    """Tell how a job ended; `steps` have a name, a conclusion and a number, as the API shows them."""
    repo = hub.repository(lease.repository)
    held = repo.jobs[lease.job]
    if held["status"] != "in_progress":
        return
    held |= {"#steps": steps, "#why": why}
    end(hub, repo, held, conclusion, outputs)
    progress(hub, repo, repo.runs[lease.run])


def times_out(hub: Hub, repository: str, key: int) -> None:
    """Stop a job that still runs after its longest time."""
    repo = hub.repository(repository)
    held = repo.jobs[key]
    if held["status"] == "in_progress":
        held["#why"] = "The job has exceeded its maximum execution time."
        end(hub, repo, held, "cancelled")
        progress(hub, repo, repo.runs[held["run_id"]])
