"""What ECR refuses about the tags of images.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses


@refuses("ecr", "PutImage")
def tag_stays_with_its_image(asked: Asked) -> None:
    """A tag that is immutable means the image that had it first."""
    wanted = asked.parameters
    try:
        json.loads(wanted.get("imageManifest") or "")
    except ValueError:
        raise Refusal("InvalidParameterException", "Invalid parameter at 'ImageManifest' failed to satisfy constraint: "
                      "'Invalid JSON syntax'") from None  # fmt: skip
    repository, tag = asked.state().repositories.get(wanted["repositoryName"]), wanted.get("imageTag")
    if repository is None or not tag or not _is_immutable(repository, tag):
        return
    if any(tag in one.image_tags and one.image_manifest != wanted["imageManifest"] for one in repository.images):
        raise Refusal(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be overwritten "
            "because the tag is immutable.",
        )


def _is_immutable(repository: Any, tag: str) -> bool:
    excluded = any(fnmatchcase(tag, each["filter"]) for each in repository.image_tag_mutability_exclusion_filters or ())
    return bool(repository.is_tag_immutable()) != excluded
