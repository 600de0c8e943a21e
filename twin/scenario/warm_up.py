"""Loads before the first copy of a process what each copy would load for itself: clients, and the store's routes."""

import re
from collections.abc import Iterator

from twin.resources.aws.api import AwsSystem
from twin.scenario.document import Scenario
from twin.world.world import World

CALL = re.compile(r"\b([a-z][a-z0-9-]*):[A-Z][A-Za-z]+")
INTRUDER = "attacker"
# Whoever counts a breach reads who may do what (`twin.observe.iam`).
READ = (
    "apprunner", "bedrock-agentcore-control", "cloudformation", "cloudtrail", "codebuild", "dynamodb", "ec2", "ecr",
    "ecs", "eks", "glue", "iam", "kms", "lambda", "organizations", "rds", "s3", "sagemaker", "secretsmanager", "sns",
    "sqs", "stepfunctions", "sts",
)  # fmt: skip


def warm_up(scenario: Scenario, system: AwsSystem, world: World) -> None:
    """Make the clients of every service that a scenario calls, load what answers them, write the events of the build.

    Nothing is sent.
    """
    known = set(system.session.get_available_services())
    services = sorted(known.intersection(_called(scenario)))
    for service in services:
        system.client(service)
    world.load(services)
    world.gateway.cloudtrail.write_ahead()


def _called(scenario: Scenario) -> Iterator[str]:
    if any(actor.kind == INTRUDER for actor in scenario.actors.values()):
        yield from READ
    yield from (found[1] for found in CALL.finditer(scenario.model_dump_json()))
