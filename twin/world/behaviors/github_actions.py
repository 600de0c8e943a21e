"""GitHub acts by itself: wait timers of environments run out, approvals that nobody gives expire, jobs time out."""

from twin.world.behaviors import happens
from twin.world.saas.github.progress import EXPIRES, OPENS, end, pass_gate, progress
from twin.world.saas.github.runner import TIMES_OUT, times_out
from twin.world.scene import Scene


@happens(OPENS)
def opens(scene: Scene, *, repository: str, job: int) -> None:
    """End the wait of a job at its environment."""
    hub = scene.vendors.github()
    if (repo := hub.repositories.get(repository.lower())) is not None:
        pass_gate(hub, repo, repo.jobs[job], waited=True)


@happens(EXPIRES)
def expires(scene: Scene, *, repository: str, job: int) -> None:
    """Fail a job that nobody approved in its time."""
    hub = scene.vendors.github()
    repo = hub.repositories.get(repository.lower())
    if repo is not None and (held := repo.jobs[job])["status"] == "waiting":
        end(hub, repo, held, "failure")
        progress(hub, repo, repo.runs[held["run_id"]])


@happens(TIMES_OUT)
def too_long(scene: Scene, *, repository: str, job: int) -> None:
    """Stop a job that runs for too long."""
    hub = scene.vendors.github()
    if repository.lower() in hub.repositories:
        times_out(hub, repository, job)
