"""How each AWS service reads and writes the tags of a single resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.address import Address
from twin.resources.aws.tags import Tags
from twin.resources.call import Steps, aws
from twin.resources.resource import Observed
from twin.resources.scope import Scope, plain_tags


@dataclass(frozen=True, slots=True)
class Tagging:
    """The tag operations of a service and the names of their parameters; `pairs` is the pair's (key, value) naming."""

    service: str
    arn: str
    write: str = "TagResource"
    tags: str = "Tags"
    remove: str = "UntagResource"
    keys: str = "TagKeys"
    list: str = "ListTagsForResource"
    listed: str = "Tags"
    pairs: bool = True

    def read(self, arn: str) -> Steps[Tags]:
        """Read the tags of one resource; a resource that is gone has none."""
        reply = yield aws(self.service, self.list, {self.arn: arn}, absent=("ResourceNotFoundException",))
        found = (reply or {}).get(self.listed) or {}
        return plain_tags(found) if self.pairs else dict(found)

    def retag(self, scope: Scope, address: Address, *, arn: str, old: Observed, tags: Mapping[str, str]) -> Steps[None]:
        """Bring the tags of one resource to the wanted ones and ours."""
        written: Any = scope.tag_list(address, tags) if self.pairs else scope.tags(address, tags)
        yield aws(self.service, self.write, {self.arn: arn, self.tags: written})
        gone = sorted(set(old.fields.get("tags") or {}) - set(tags))
        if gone:
            yield aws(self.service, self.remove, {self.arn: arn, self.keys: gone})


RDS = Tagging("rds", "ResourceName", "AddTagsToResource", remove="RemoveTagsFromResource", listed="TagList")
EKS = Tagging("eks", "resourceArn", tags="tags", keys="tagKeys", listed="tags", pairs=False)
ECR = Tagging("ecr", "resourceArn", tags="tags", keys="tagKeys", listed="tags")
BACKUP = Tagging("backup", "ResourceArn", keys="TagKeyList", list="ListTags", pairs=False)
SQS = Tagging("sqs", "QueueUrl", "TagQueue", remove="UntagQueue", list="ListQueueTags", pairs=False)
DYNAMODB = Tagging("dynamodb", "ResourceArn", list="ListTagsOfResource")
COGNITO = Tagging("cognito-idp", "ResourceArn", pairs=False)
CE = Tagging("ce", "ResourceArn", tags="ResourceTags", keys="ResourceTagKeys", listed="ResourceTags")
GUARDDUTY = Tagging("guardduty", "ResourceArn", pairs=False)
SECURITYHUB = Tagging("securityhub", "ResourceArn", pairs=False)
CONFIG = Tagging("config", "ResourceArn")
LOGS = Tagging("logs", "resourceArn", tags="tags", keys="tagKeys", listed="tags", pairs=False)
CLOUDWATCH = Tagging("cloudwatch", "ResourceARN")
SNS = Tagging("sns", "ResourceArn")
EVENTS = Tagging("events", "ResourceARN")
