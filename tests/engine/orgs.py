"""Random valid orgs for property tests: resources of many families with references among them."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from rig import READ, TRUST

from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.dynamodb import Table
from twin.resources.aws.ecr import Repository
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_group import Group as IamGroup
from twin.resources.aws.iam_instance_profile import InstanceProfile
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.iam_user import User
from twin.resources.aws.kms import Alias, Key
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.nat import ElasticIp, NatGateway
from twin.resources.aws.route_table import RouteTable
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.secretsmanager import Secret
from twin.resources.aws.security_group import SecurityGroup
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.aws.sqs import Queue
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway, Vpc
from twin.resources.cloudflare.dns_record import DnsRecord
from twin.resources.cloudflare.zone import Zone
from twin.resources.declaration import Desired
from twin.resources.okta.group import Group, Membership
from twin.resources.okta.user import User as Person

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


@dataclass
class Draft:
    """An org being drawn: what is declared, and a counter that keeps names apart."""

    draw: object
    desired: Desired = field(default_factory=Desired)
    used: set = field(default_factory=set)

    def add(self, resource):
        """Declare a resource."""
        return self.desired.add(f"r{len(self.desired)}", resource, ())

    def name(self):
        """Return a fresh name."""
        return f"acme-{len(self.desired)}"

    def pick(self, type_):
        """Return one of the declared resources of a type; one is made when there is none."""
        found = [d for d in self.desired if d.address.type == type_]
        if not found:
            return MAKERS[type_](self)
        return self.draw(st.sampled_from(found))

    def maybe(self, type_, attribute="id"):
        """Return a reference to a declared resource of a type, or None."""
        found = [d for d in self.desired if d.address.type == type_]
        return self.draw(st.sampled_from(found)).ref(attribute) if found and self.flag() else None

    def flag(self):
        """Toss a coin."""
        return self.draw(st.booleans())

    def of(self, *values):
        """Choose."""
        return self.draw(st.sampled_from(values))

    def once(self, *key):
        """Tell whether a combination comes for the first time."""
        fresh = key not in self.used
        self.used.add(key)
        return fresh


def vpc(d):
    """A VPC with a range of its own."""
    n = sum(x.address.type == "aws.ec2.vpc" for x in d.desired)
    return d.add(Vpc(cidr_block=f"10.{n}.0.0/16", dns_hostnames=d.flag(), tags={"k": "v"} if d.flag() else {}))


def subnet(d):
    """A subnet with a range of its own in some VPC."""
    net = d.pick("aws.ec2.vpc")
    n = sum(x.address.type == "aws.ec2.subnet" for x in d.desired)
    prefix = net.resource.cidr_block.rpartition(".0.0/")[0]
    return d.add(Subnet(vpc=net.id, cidr_block=f"{prefix}.{n}.0/24", availability_zone=d.of(*ZONES)))


def security_group(d):
    """A security group, which may let another one of its VPC in."""
    net = d.pick("aws.ec2.vpc")
    rules = [{"protocol": "tcp", "from_port": p, "to_port": p, "cidr": "10.0.0.0/8"} for p in (80, 443) if d.flag()]
    others = [x for x in d.desired if x.address.type == "aws.ec2.security_group" and x.resource.vpc == net.id]
    if others and d.flag():
        rules.append({"protocol": "tcp", "from_port": 5432, "to_port": 5432, "group": d.of(*others).id})
    return d.add(SecurityGroup(vpc=net.id, name=d.name(), description="drawn", ingress=rules))


def route_table(d):
    """A route table of some subnets of its VPC, which may lead to the internet."""
    net = d.pick("aws.ec2.vpc")
    free = [x for x in d.desired if x.address.type == "aws.ec2.subnet" and x.resource.vpc == net.id]
    chosen = [x.id for x in free if d.flag() and d.once("routed", x.address)]
    routes = [{"destination": "0.0.0.0/0", "gateway": gateway(d, net.id).id}] if d.flag() else []
    return d.add(RouteTable(vpc=net.id, subnets=chosen, routes=routes))


def role(d):
    """A role, which may have an inline policy."""
    inline = {"read": READ} if d.flag() else {}
    return d.add(Role(name=d.name(), trust=TRUST, inline=inline, max_session=d.of(3600, 7200)))


def policy(d):
    """A managed policy."""
    return d.add(Policy(name=d.name(), policy=READ))


def user(d):
    """A user with a tag."""
    return d.add(User(name=d.name(), tags={"team": d.of("a", "b")}))


def attachment(d):
    """A policy on a role, user or group, each pair once."""
    kind, type_ = d.of(("role", "aws.iam.role"), ("user", "aws.iam.user"), ("group", "aws.iam.group"))
    holder, what = d.pick(type_), d.pick("aws.iam.policy")
    if d.once("attached", holder.address, what.address):
        d.add(Attachment(**{kind: holder.id}, policy=what.arn))


def subscription(d):
    """A queue that listens to a topic, each pair once."""
    topic, queue = d.pick("aws.sns.topic"), d.pick("aws.sqs.queue")
    if d.once("subscribed", topic.address, queue.address):
        d.add(Subscription(topic=topic.arn, protocol="sqs", endpoint=queue.arn))


def bucket(d):
    """A bucket, which may be encrypted with one of our keys."""
    key = d.maybe("aws.kms.key", "arn")
    more = {"encryption": {"algorithm": "aws:kms", "kms_key": key}} if key else {}
    return d.add(Bucket(bucket=d.name(), versioning=d.flag(), **more))


def queue(d):
    """A queue, which may have a dead-letter queue."""
    dead = d.maybe("aws.sqs.queue", "arn")
    return d.add(Queue(name=d.name(), dead_letter_queue=dead, delay=d.of(0, 5)))


def alarm(d):
    """An alarm that tells a topic."""
    return d.add(
        Alarm(
            name=d.name(), namespace="AWS/SQS", metric="NumberOfMessagesSent", statistic="Sum", period=60,
            threshold=d.of(1, 10), comparison="GreaterThanThreshold", alarm_actions=[d.pick("aws.sns.topic").arn],
        )
    )  # fmt: skip


def gateway(d, net):
    """Return the internet gateway of a VPC, which has one at most."""
    found = [x for x in d.desired if x.address.type == "aws.ec2.internet_gateway" and x.resource.vpc == net]
    return found[0] if found else d.add(InternetGateway(vpc=net))


def nat(d):
    """A NAT gateway with all that it stands on."""
    net = d.pick("aws.ec2.subnet")
    way, address = gateway(d, net.resource.vpc), d.add(ElasticIp())
    return d.add(NatGateway(subnet=net.id, elastic_ip=address.id, internet_gateway=way.id))


def person(d):
    """A person."""
    name = d.name()
    return d.add(Person(login=f"{name}@acme.example", email=f"{name}@acme.example", first_name="A", last_name="B"))


def membership(d):
    """A person in a group, each pair once."""
    group, member = d.pick("okta.group"), d.pick("okta.user")
    if d.once("member", group.address, member.address):
        d.add(Membership(group=group.id, user=member.id))


def record(d):
    """An address in some zone."""
    zone = d.pick("cloudflare.zone")
    name = f"{d.name()}.{zone.resource.name}"
    return d.add(DnsRecord(zone=zone.id, name=name, type="A", content="192.0.2.1", proxied=d.flag()))


MAKERS = {
    "aws.ec2.vpc": vpc,
    "aws.ec2.subnet": subnet,
    "aws.ec2.security_group": security_group,
    "aws.ec2.route_table": route_table,
    "aws.ec2.nat_gateway": nat,
    "aws.iam.role": role,
    "aws.iam.policy": policy,
    "aws.iam.user": user,
    "aws.iam.group": lambda d: d.add(IamGroup(name=d.name())),
    "aws.iam.attachment": attachment,
    "aws.iam.instance_profile": lambda d: d.add(InstanceProfile(name=d.name(), role=d.pick("aws.iam.role").id)),
    "aws.sns.topic": lambda d: d.add(Topic(name=d.name(), kms_key=d.maybe("aws.kms.key", "arn"))),
    "aws.sqs.queue": queue,
    "aws.sns.subscription": subscription,
    "aws.s3.bucket": bucket,
    "aws.kms.key": lambda d: d.add(Key(description=d.name())),
    "aws.kms.alias": lambda d: d.add(Alias(name=f"alias/{d.name()}", key=d.pick("aws.kms.key").id)),
    "aws.logs.group": lambda d: d.add(LogGroup(name=f"/{d.name()}", retention_days=d.of(None, 7, 30))),
    "aws.cloudwatch.alarm": alarm,
    "aws.dynamodb.table": lambda d: d.add(Table(name=d.name(), hash_key="id", attributes={"id": "S"})),
    "aws.ecr.repository": lambda d: d.add(Repository(name=d.name())),
    "aws.secretsmanager.secret": lambda d: d.add(Secret(name=d.name(), kms_key=d.maybe("aws.kms.key", "arn"))),
    "okta.group": lambda d: d.add(Group(name=d.name())),
    "okta.user": person,
    "okta.membership": membership,
    "cloudflare.zone": lambda d: d.add(Zone(name=f"{d.name()}.example")),
    "cloudflare.dns_record": record,
}


@st.composite
def orgs(draw, *, most=14):
    """Draw an org; what a resource needs is drawn before it, so that sizes go up to about 25."""
    draft = Draft(draw)
    for type_ in draw(st.lists(st.sampled_from(sorted(MAKERS)), min_size=1, max_size=most)):
        MAKERS[type_](draft)
    return draft.desired
