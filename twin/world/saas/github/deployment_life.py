"""Deployments and their states, made by the API and by jobs that name an environment."""

from twin.world.saas.github.hook_payloads import tell_deployment, tell_deployment_status
from twin.world.saas.github.state import Hub, Record, Repository

STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def new_deployment(hub: Hub, repo: Repository, login: str, told: Record) -> Record:
    """Add a deployment; `told` has its ref, sha, environment, and maybe task, description and payload."""
    made: Record = {"id": hub.new_id(), "task": "deploy", "payload": {}, "description": None} | told
    made |= {"original_environment": told["environment"], "transient_environment": False}
    made |= {"production_environment": told["environment"] == "production", "#creator": login, "#statuses": []}
    repo.deployments[made["id"]] = made | {"created_at": hub.now(), "updated_at": hub.now()}
    hub.tell("github.deployment.created", repository=repo.full_name, environment=told["environment"], sha=told["sha"])
    tell_deployment(hub, repo, repo.deployments[made["id"]])
    return repo.deployments[made["id"]]


def set_state(hub: Hub, repo: Repository, key: int, state: str, *, login: str = "github-actions[bot]",
              description: str = "", target: str = "") -> Record:  # fmt: skip
    """Give a deployment a state; a success makes earlier ones of the same environment inactive."""
    held = repo.deployments[key]
    made = {"id": hub.new_id(), "state": state, "description": description, "target_url": target, "#creator": login}
    made |= {"created_at": hub.now(), "updated_at": hub.now(), "environment": held["environment"]}
    held["#statuses"].append(made)
    held["updated_at"] = hub.now()
    if state == "success":
        for other in repo.deployments.values():
            same = other["environment"] == held["environment"] and other["id"] < held["id"]
            if same and other["#statuses"] and other["#statuses"][-1]["state"] == "success":
                set_state(hub, repo, other["id"], "inactive", login=login)
    hub.tell("github.deployment.changed", repository=repo.full_name, environment=held["environment"], state=state)
    tell_deployment_status(hub, repo, held, made)
    return made
