"""A workflow file as data: triggers, jobs in their order, permissions, steps; what is not simulated is refused.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import yaml

EVENTS = ("push", "pull_request", "workflow_dispatch")
SCOPES = (
    "actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues", "models",
    "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
)  # fmt: skip
LEVELS = ("read", "write", "none")
TOP = ("name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs")
OF_JOB = (
    "name", "needs", "if", "runs-on", "permissions", "environment", "env", "outputs", "steps", "timeout-minutes",
    "defaults", "concurrency",
)  # fmt: skip
OF_STEP = (
    "id",
    "name",
    "if",
    "uses",
    "run",
    "with",
    "env",
    "shell",
    "working-directory",
    "continue-on-error",
    "timeout-minutes",
)


class BadWorkflow(Exception):
    """A file that GitHub refuses as a workflow, or that wants what is not simulated."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job; `environment` may hold expressions, `permissions` is None where the workflow's count."""

    key: str
    name: str
    needs: tuple[str, ...]
    condition: str
    environment: str
    permissions: Mapping[str, str] | None
    steps: tuple[Mapping[str, Any], ...]
    outputs: Mapping[str, str]
    env: Mapping[str, str]
    labels: tuple[str, ...]
    minutes: float


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow; `triggers` maps an event to its filters."""

    name: str
    triggers: Mapping[str, Mapping[str, Any]]
    permissions: Mapping[str, str] | None
    jobs: tuple[Job, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    concurrency: str = ""

    def starts_on(self, event: str, branch: str, paths: list[str]) -> bool:
        """Tell whether an event on a branch (for a pull request: its base) that changes some paths begins it."""
        if event not in self.triggers:
            return False
        told = self.triggers[event]
        if not _passes(told.get("branches"), told.get("branches-ignore"), [branch]):
            return False
        return _passes(told.get("paths"), told.get("paths-ignore"), paths)


def parse(text: str, path: str) -> Workflow:
    """Read a workflow file; BadWorkflow says what GitHub, or the twin, does not take."""
    try:
        told = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader without YAML 1.1's booleans
    except yaml.YAMLError as broken:
        raise BadWorkflow(f"You have an error in your yaml syntax: {str(broken).splitlines()[0]}") from broken
    if not isinstance(told, dict):
        raise BadWorkflow("a workflow is a mapping")
    _known("the workflow", told, TOP)
    if not told.get("on"):
        raise BadWorkflow("No event triggers defined in `on`")
    jobs = told.get("jobs")
    if not isinstance(jobs, dict) or not jobs:
        raise BadWorkflow("No jobs defined in `jobs`")
    read = tuple(_job(str(key), one) for key, one in jobs.items())
    _ordered(read)
    name = str(told.get("name") or path)
    group = told.get("concurrency") or ""
    return Workflow(
        name, _triggers(told["on"]), _permissions(told.get("permissions")), read, _texts(told.get("env")),
        str(group.get("group", "") if isinstance(group, dict) else group),
    )  # fmt: skip


class _Loader(yaml.SafeLoader):
    """YAML as GitHub reads it, in which `on` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _triggers(told: Any) -> dict[str, Mapping[str, Any]]:
    named = {told: None} if isinstance(told, str) else dict.fromkeys(told) if isinstance(told, list) else told
    if not isinstance(named, dict):
        raise BadWorkflow("`on` is an event, a list of events or a mapping")
    for event in named:
        if event not in EVENTS:
            raise BadWorkflow(f"TwinUnsupportedOperation: the event {event} is not simulated")
    return {str(event): filters if isinstance(filters, dict) else {} for event, filters in named.items()}


def _permissions(told: Any) -> Mapping[str, str] | None:
    if told is None:
        return None
    if told in ("read-all", "write-all"):
        return dict.fromkeys(SCOPES, str(told)[:-4])
    if not isinstance(told, dict):
        raise BadWorkflow(f"Unexpected value {told!r} in `permissions`")
    for scope, level in told.items():
        if scope not in SCOPES or level not in LEVELS or (scope, level) == ("id-token", "read"):
            raise BadWorkflow(f"Unexpected value {scope}: {level} in `permissions`")
    return {str(scope): str(level) for scope, level in told.items()}


def _job(key: str, told: Any) -> Job:
    if not isinstance(told, dict):
        raise BadWorkflow(f"the job {key} is a mapping")
    _known(f"the job {key}", told, OF_JOB)
    if "runs-on" not in told:
        raise BadWorkflow(f"Required property is missing: runs-on, in the job {key}")
    steps = told.get("steps")
    if not isinstance(steps, list) or not steps:
        raise BadWorkflow(f"the job {key} has no steps")
    for step in steps:
        if not isinstance(step, dict) or ("uses" in step) == ("run" in step):
            raise BadWorkflow(f"a step of the job {key} has either `uses` or `run`")
        _known(f"a step of the job {key}", step, OF_STEP)
    needs, place, labels = told.get("needs") or (), told.get("environment") or "", told["runs-on"]
    return Job(
        key=key,
        name=str(told.get("name") or key),
        needs=(needs,) if isinstance(needs, str) else tuple(needs),
        condition=_bare(str(told.get("if", ""))),
        environment=str(place.get("name", "") if isinstance(place, dict) else place),
        permissions=_permissions(told.get("permissions")),
        steps=tuple(steps),
        outputs=_texts(told.get("outputs")),
        env=_texts(told.get("env")),
        labels=(labels,) if isinstance(labels, str) else tuple(labels),
        minutes=float(told.get("timeout-minutes", 360)),
    )


def _bare(condition: str) -> str:
    text = condition.strip()
    return text[3:-2].strip() if text.startswith("${{") and text.endswith("}}") else text


def _texts(told: Any) -> Mapping[str, str]:
    return {str(name): "" if value is None else str(value) for name, value in (told or {}).items()}


def _known(what: str, told: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in told:
        if name not in names:
            raise BadWorkflow(f"Unexpected value {name!r} in {what} (or TwinUnsupportedOperation: it is not simulated)")


def _ordered(jobs: tuple[Job, ...]) -> None:
    """Refuse needs that name no job, and jobs that wait for each other."""
    keys, done = {job.key for job in jobs}, set[str]()
    for job in jobs:
        if missing := [need for need in job.needs if need not in keys]:
            raise BadWorkflow(f"Job {job.key!r} depends on unknown job {missing[0]!r}.")
    while len(done) < len(jobs):
        ready = {job.key for job in jobs if job.key not in done and set(job.needs) <= done}
        if not ready:
            raise BadWorkflow("The workflow must contain at least one job with no dependencies.")
        done |= ready


def _passes(wanted: Any, ignored: Any, names: list[str]) -> bool:
    """Tell whether one of some names is wanted, by patterns of which the last that fits counts."""
    if wanted is None and ignored is None:
        return True
    if wanted is None:
        return not names or any(not any(_fits(pattern, name) for pattern in ignored) for name in names)
    for name in names:
        kept = False
        for pattern in wanted:
            if _fits(str(pattern).removeprefix("!"), name):
                kept = not str(pattern).startswith("!")
        if kept:
            return True
    return False


def _fits(pattern: str, name: str) -> bool:
    """Match a pattern in which `*` stops at a slash and `**` does not."""
    if "**" in pattern:
        return fnmatchcase(name, pattern.replace("**", "*"))
    return pattern.count("/") == name.count("/") and fnmatchcase(name, pattern)
