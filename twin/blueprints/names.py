"""How the items of a spec are named at their vendor, and the ARNs that follow from it."""

from collections.abc import Callable, Mapping

from twin.blueprints.blueprint import Blueprint, ref
from twin.spec.model.compute import Database

Names = Callable[[Blueprint, str], str]


def bucket_name(blueprint: Blueprint, key: str) -> str:
    """Return a bucket's name, which is unique in the world: with the account when the spec gives none."""
    return blueprint.org.data.buckets[key].name or blueprint.name(key, blueprint.scope.account)


def bucket_arn(blueprint: Blueprint, key: str) -> str:
    """Return a bucket's ARN."""
    return blueprint.scope.arn("s3", bucket_name(blueprint, key), region="", account="")


def queue_name(blueprint: Blueprint, key: str) -> str:
    """Return a queue's name; SQS wants FIFO queues to end with .fifo."""
    return blueprint.name(key) + (".fifo" if blueprint.org.data.queues[key].fifo else "")


def database_arn(blueprint: Blueprint, key: str) -> str:
    """Return the ARN of a database: an instance, or an Aurora cluster."""
    kind = "cluster" if blueprint.org.compute.databases[key].aurora else "db"
    return blueprint.scope.arn("rds", f"{kind}:{blueprint.name(key)}")


def database_type(intent: Database) -> str:
    """Return the type of the resource that a database's clients ask."""
    return f"aws.rds.{'cluster' if intent.aurora else 'replica' if intent.replica_of else 'instance'}"


def login_arn(blueprint: Blueprint, resource: str) -> str | None:
    """Return the ARN of a database's user, `compute.databases.orders/app`, for `rds-db:connect`; None for all else."""
    item, _, user = resource.partition("/")
    section, _, key = item.rpartition(".")
    if section != "compute.databases" or not user:
        return None
    there = ref(database_type(blueprint.org.compute.databases[key]), key, "resource_id")
    return blueprint.scope.arn("rds-db", f"dbuser:{there}/{user}")


def log_group_name(blueprint: Blueprint, key: str) -> str:
    """Return a log group's name."""
    return blueprint.org.audit.log_groups[key].path or f"/{blueprint.scope.owner}/{key}"


def trail_arn(blueprint: Blueprint) -> str:
    """Return the ARN of the trail."""
    return blueprint.scope.arn("cloudtrail", f"trail/{blueprint.name('trail')}")


def key_arn(name: str | None) -> str | None:
    """Return a reference to the ARN of a key of the spec; None stands for the service's own key."""
    return ref("aws.kms.key", name, "arn") if name else None


def topics(names: tuple[str, ...]) -> list[str]:
    """Return references to the ARNs of topics."""
    return [ref("aws.sns.topic", name, "arn") for name in names]


def told_alarms(names: tuple[str, ...], page: str | None) -> list[str]:
    """Return references to the topics that an alarm tells: those that it names, and that of its severity."""
    return topics((*names, paging_topic(page)) if page else names)


def told_events(names: tuple[str, ...], page: str | None) -> list[str]:
    """Return references to the topics that an event or a budget tells."""
    return topics((*names, paging_topic(page, alarms=False)) if page else names)


def paging_topic(severity: str, *, alarms: bool = True) -> str:
    """Return the name of the topic by which a severity pages; alarms have one of their own, as they also end."""
    return f"page-{severity}" if alarms else f"page-{severity}-events"


def principal(blueprint: Blueprint, name: str) -> str:
    """Return a reference to the ARN of a role or user of the spec."""
    kind = "user" if name in blueprint.org.iam.users else "role"
    return ref(f"aws.iam.{kind}", name, "arn")


def _named(service: str, prefix: str = "") -> Names:
    return lambda blueprint, key: blueprint.scope.arn(service, f"{prefix}{blueprint.name(key)}")


ARNS: Mapping[str, Names] = {
    "data.buckets": bucket_arn,
    "data.queues": lambda blueprint, key: blueprint.scope.arn("sqs", queue_name(blueprint, key)),
    "data.tables": _named("dynamodb", "table/"),
    "data.secrets": lambda _, key: ref("aws.secretsmanager.secret", key, "arn"),
    "encryption.keys": lambda _, key: ref("aws.kms.key", key, "arn"),
    "audit.topics": _named("sns"),
    "audit.log_groups": lambda b, key: b.scope.arn("logs", f"log-group:{log_group_name(b, key)}:*"),
    "compute.databases": database_arn,
    "compute.registries": _named("ecr", "repository/"),
    "compute.workers": _named("autoscaling", "autoScalingGroup:*:autoScalingGroupName/"),
    "iam.roles": lambda b, key: b.scope.arn("iam", f"role/{b.name(key)}", region=""),
    "iam.users": lambda b, key: b.scope.arn("iam", f"user/{b.name(key)}", region=""),
    "workforce.roles": lambda b, key: b.scope.arn("iam", f"role/{b.name(key)}", region=""),
}
"""The kinds of items that a statement may name, and how each one's ARN is made."""


def arn_of(blueprint: Blueprint, resource: str) -> str | None:
    """Return the ARN of what a statement names: an ARN, `*`, or `data.buckets.lake/*`; None when it has no ARN."""
    if resource == "*" or resource.startswith("arn:"):
        return resource
    item, slash, below = resource.partition("/")
    if item == "compute.eks":
        return blueprint.scope.arn("eks", f"cluster/{blueprint.name('eks')}")
    section, _, key = item.rpartition(".")
    known = ARNS.get(section)
    return known(blueprint, key) + slash + below if known else None
