"""The org that the benches build: one VPC, and units of resources such as a team's service has."""

from collections.abc import Collection

from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.kms import Key
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.security_group import SecurityGroup
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.aws.sqs import Queue
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import Vpc
from twin.resources.declaration import Desired
from twin.resources.okta.group import Group
from twin.resources.resource import Resource

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}]}
UNIT = 20
"""Resources of a whole unit."""
SUBNETS = 190


class Builder:
    """Declares resources, without those of the types that are left out."""

    def __init__(self, without: Collection[str] = ()) -> None:
        self.desired = Desired()
        self.without = without

    def add(self, name: str, resource: Resource):
        """Declare a resource; nothing for one of a type that is left out."""
        return self.desired.add(name, resource, ()) if resource.TYPE not in self.without else None

    def unit(self, vpc: str, n: int) -> None:
        """Add what a team's service has."""
        self.add(f"bucket-{n}", Bucket(bucket=f"bench-{n}", versioning=True))
        key = Key(description=f"key {n}") if n % 10 == 0 else Topic(name=f"bench-key-{n}")
        self.add(f"key-{n}", key)
        third, fourth = divmod(n * 16, 256)
        subnet = Subnet(vpc=vpc, cidr_block=f"10.0.{third}.{fourth}/28", availability_zone="us-east-1a")
        self.add(f"subnet-{n}", subnet if n < SUBNETS else LogGroup(name=f"/bench/{n}/subnet"))
        rule = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8"}
        self.add(f"group-{n}", SecurityGroup(vpc=vpc, name=f"bench-{n}", description="bench", ingress=[rule]))
        for k in range(3):
            role = self.add(f"role-{n}-{k}", Role(name=f"bench-{n}-{k}", trust=TRUST))
            policy = self.add(f"policy-{n}-{k}", Policy(name=f"bench-{n}-{k}", policy=READ))
            self.add(f"attach-{n}-{k}", Attachment(role=role.ref("name"), policy=policy.arn))
        self._signals(n)
        for k in range(2):
            self.add(f"team-{n}-{k}", Group(name=f"bench {n} {k}"))

    def _signals(self, n: int) -> None:
        topic = self.add(f"topic-{n}", Topic(name=f"bench-{n}"))
        queue = self.add(f"queue-{n}", Queue(name=f"bench-{n}"))
        if queue is not None:
            self.add(f"subscription-{n}", Subscription(topic=topic.arn, protocol="sqs", endpoint=queue.arn))
        self.add(f"logs-{n}", LogGroup(name=f"/bench/{n}", retention_days=30))
        alarm = Alarm(
            name=f"bench-{n}", namespace="AWS/SQS", metric="ApproximateAgeOfOldestMessage", statistic="Maximum",
            period=300, threshold=600, comparison="GreaterThanThreshold", alarm_actions=[topic.arn],
        )  # fmt: skip
        self.add(f"alarm-{n}", alarm)


def org(size: int, *, without: Collection[str] = ()) -> Desired:
    """Return an org of `size` resources, none of the types left out; topics fill up what is no whole unit."""
    one = Builder(without)
    one.unit("vpc-1", 0)
    made = Builder(without)
    vpc = made.add("main", Vpc(cidr_block="10.0.0.0/16"))
    for n in range((size - 1) // len(one.desired)):
        made.unit(vpc.id, n)
    for n in range(size - len(made.desired)):
        made.add(f"extra-{n}", Topic(name=f"bench-extra-{n}"))
    return made.desired
