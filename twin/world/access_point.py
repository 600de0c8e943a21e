"""An access point of S3, as those who decide about a request through it know it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html#access-points-condition-keys
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """An access point; `vpc` is the one network from which it is reached, if there is one."""

    name: str
    account: str
    arn: str
    bucket: str
    policy: str | None
    vpc: str | None
    restricted: bool

    @property
    def facts(self) -> dict[str, str]:
        """What a request through it tells of it."""
        origin = "VPC" if self.vpc else "Internet"
        return {
            "s3:DataAccessPointArn": self.arn,
            "s3:DataAccessPointAccount": self.account,
            "s3:AccessPointNetworkOrigin": origin,
        }
