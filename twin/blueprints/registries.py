"""Image registries."""

from typing import Any

from twin.blueprints.blueprint import Blueprint
from twin.blueprints.names import key_arn
from twin.resources.aws.ecr import Repository
from twin.resources.declaration import Path


def build(blueprint: Blueprint) -> None:
    """Declare each registry."""
    for name, intent in blueprint.org.compute.registries.items():
        at: Path = ("compute", "registries", name)
        repository = Repository(
            name=blueprint.name(name),
            scan_on_push=intent.scan,
            immutable_tags=intent.immutable,
            kms_key=key_arn(intent.key),
            lifecycle_policy=_keep(intent.keep) if intent.keep else None,
        )
        places = {"scan_on_push": (*at, "scan"), "immutable_tags": (*at, "immutable")}
        blueprint.add(name, repository, at, {**places, "name": at, "lifecycle_policy": (*at, "keep")})


def _keep(count: int) -> dict[str, Any]:
    """Return the lifecycle policy that keeps so many images."""
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count}
    rule = {"rulePriority": 1, "description": f"Keep {count} images", "selection": selection}
    return {"rules": [{**rule, "action": {"type": "expire"}}]}
