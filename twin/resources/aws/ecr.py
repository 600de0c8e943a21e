"""ECR repositories."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.limits import matches
from twin.resources.aws.tagging import ECR
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

GONE = ("RepositoryNotFoundException",)


class Repository(Resource):
    """A repository of container images; deleting it deletes its images."""

    TYPE: ClassVar[str] = "aws.ecr.repository"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "url")

    name: Annotated[str, IMMUTABLE]
    scan_on_push: bool = True
    immutable_tags: bool = Field(True, description="Whether an image's tag is fixed once pushed")
    kms_key: Annotated[str | None, RefTo("aws.kms.key"), IMMUTABLE] = Field(
        None, description="ARN of the key; without it S3's own key encrypts"
    )
    lifecycle_policy: dict[str, Any] | None = Field(None, description='{"rules": [...]}, as ECR documents it')
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all repositories with one DescribeRepositories, and the lifecycle policies of ours."""
        reply = yield aws("ecr", "DescribeRepositories", pages=True)
        items = {item["repositoryName"]: item for item in reply["repositories"]}
        names = sought(wanted) & items.keys()
        tags = yield from tags_of(scope, (items[name]["repositoryArn"] for name in names), ECR.read)
        found = []
        for name, item in items.items():
            own = tags.get(item["repositoryArn"], {})
            policy = (yield from _lifecycle(name)) if name in names or scope.own(own) else None
            found.append(_observed(scope, item, own, policy))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """ARN and URL are made of the name."""
        suffix = "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"
        return {
            "id": self.name,
            "arn": scope.arn("ecr", f"repository/{self.name}"),
            "url": f"{scope.account}.dkr.ecr.{scope.region}.{suffix}/{self.name}",
        }

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the repository, and set its lifecycle policy if it has one."""
        encryption = {"encryptionType": "KMS", "kmsKey": self.kms_key} if self.kms_key else {"encryptionType": "AES256"}
        params = {
            "repositoryName": self.name,
            "imageTagMutability": self._mutability,
            "imageScanningConfiguration": {"scanOnPush": self.scan_on_push},
            "encryptionConfiguration": encryption,
            "tags": scope.tag_list(address, self.tags),
        }
        yield aws("ecr", "CreateRepository", params)
        if self.lifecycle_policy is not None:
            yield from self._put_lifecycle()
        return self.predict(scope)

    @property
    def _mutability(self) -> str:
        return "IMMUTABLE" if self.immutable_tags else "MUTABLE"

    def _put_lifecycle(self) -> Steps[None]:
        text = json.dumps(self.lifecycle_policy, sort_keys=True)
        yield aws("ecr", "PutLifecyclePolicy", {"repositoryName": self.name, "lifecyclePolicyText": text})

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change mutability, scanning, lifecycle policy, tags."""
        name = {"repositoryName": self.name}
        if "immutable_tags" in changed:
            yield aws("ecr", "PutImageTagMutability", {**name, "imageTagMutability": self._mutability})
        if "scan_on_push" in changed:
            setup = {"scanOnPush": self.scan_on_push}
            yield aws("ecr", "PutImageScanningConfiguration", {**name, "imageScanningConfiguration": setup})
        if "lifecycle_policy" in changed:
            yield from self._put_lifecycle()
        if changed & {"tags", "owner"}:
            yield from ECR.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the repository with its images."""
        yield aws("ecr", "DeleteRepository", {"repositoryName": observed.id, "force": True}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name fits ECR's pattern."""
        yield from matches("services", "ecr.name", self.name, "name")


def _lifecycle(name: str) -> Steps[Any]:
    absent = ("LifecyclePolicyNotFoundException", *GONE)
    reply = yield aws("ecr", "GetLifecyclePolicy", {"repositoryName": name}, absent=absent)
    return json.loads(reply["lifecyclePolicyText"]) if reply else None


def _observed(scope: Scope, item: Mapping[str, Any], tags: Mapping[str, str], policy: Any) -> Observed:
    encryption = item.get("encryptionConfiguration") or {}
    return Observed(
        id=item["repositoryName"],
        fields={
            "name": item["repositoryName"],
            "scan_on_push": (item.get("imageScanningConfiguration") or {}).get("scanOnPush", False),
            "immutable_tags": item.get("imageTagMutability") == "IMMUTABLE",
            "kms_key": encryption.get("kmsKey"),
            "lifecycle_policy": policy,
            "tags": user_tags(tags),
        },
        outputs={"id": item["repositoryName"], "arn": item["repositoryArn"], "url": item["repositoryUri"]},
        owner=scope.own(tags),
        other=scope.other(tags),
    )
