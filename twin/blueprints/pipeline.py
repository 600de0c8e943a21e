"""The pipeline: the repository and its rules, and of this environment the gate, with the role that its jobs assume."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.resources.declaration import Path
from twin.resources.github.environment import Environment
from twin.resources.github.repository import Repository
from twin.resources.github.ruleset import Ruleset
from twin.resources.github.variable import Variable
from twin.spec.model.pipeline import Pipeline

AT: Path = ("delivery", "pipeline")
CHECKS = ("plan", "scenarios")
"""The jobs of the workflow that must have passed before a change is merged."""
DEPLOY = "deploy"


def build(blueprint: Blueprint) -> None:
    """Declare what the environment holds of the pipeline; the home holds the repository too."""
    pipeline = blueprint.org.delivery.pipeline
    if pipeline is None:
        return
    own = pipeline.home == blueprint.scope.environment
    repository = _repository(blueprint, pipeline) if own else pipeline.repository
    gate = pipeline.gates.get(blueprint.scope.environment)
    if gate is None:
        return
    name, at = blueprint.scope.environment, (*AT, "gates", blueprint.scope.environment)
    place = Environment(
        repository=repository, name=name, reviewers=list(gate.reviewers), prevent_self_review=not gate.self_review,
        wait_minutes=int(gate.wait.total_seconds() // 60), branches=[pipeline.branch],
    )  # fmt: skip
    blueprint.add(name, place, at)
    role = gate.role or DEPLOY
    for needed in (role, pipeline.planner):
        if needed not in blueprint.org.delivery.roles:
            message = f"no role {needed} is under delivery.roles"
            blueprint.problem("TW0301", message, at, "add it, for the pipeline's jobs")
            return
    values = {"AWS_ROLE_ARN": ref("aws.iam.role", role, "arn"), "AWS_REGION": blueprint.scope.region}
    inside = ref("github.environment", name, "name")
    for key, value in values.items():
        variable = Variable(repository=repository, environment=inside, name=key, value=value)
        blueprint.add(f"{name}-{key.lower().replace('_', '-')}", variable, at)


def _repository(blueprint: Blueprint, pipeline: Pipeline) -> str:
    name = pipeline.repository.partition("/")[2]
    told = f"The spec of {blueprint.org.org.name}, and its pipeline"
    blueprint.add(name, Repository(name=name, description=told), (*AT, "repository"))
    repository = ref("github.repository", name, "full_name")
    files = [ref("github.file", name) for name in blueprint.org.resources.get("github.file", {})]
    rules = Ruleset(repository=repository, name=pipeline.branch, branches=["~DEFAULT_BRANCH"], reviews=pipeline.reviews,
                    checks=list(CHECKS), files=files)  # fmt: skip
    blueprint.add(pipeline.branch, rules, AT)
    return repository
