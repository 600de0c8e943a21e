"""The data platform besides buckets: queues, tables and secrets."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import Document, allow, deny, document
from twin.blueprints.names import ARNS, key_arn, queue_name
from twin.resources.aws.dynamodb import Table
from twin.resources.aws.dynamodb_indexes import Index
from twin.resources.aws.secretsmanager import Secret
from twin.resources.aws.sqs import Queue
from twin.resources.declaration import Path
from twin.spec.model.data import TableIndex

TYPES = {"string": "S", "number": "N", "binary": "B"}


def build(blueprint: Blueprint) -> None:
    """Declare queues, tables and secrets."""
    for name in blueprint.org.data.queues:
        _queue(blueprint, name)
    for name in blueprint.org.data.tables:
        _table(blueprint, name)
    for name, secret in blueprint.org.data.secrets.items():
        at: Path = ("data", "secrets", name)
        resource = Secret(
            name=blueprint.name(name),
            description=secret.description or "",
            kms_key=key_arn(secret.key),
            value=secret.value,
            replicas=_copies(blueprint, name) or None,
            recovery_window=secret.recovery.days,
        )
        places = {"description": (*at, "description"), "value": (*at, "value"), "recovery_window": (*at, "recovery")}
        places["replicas"] = (*at, "replicate_in")
        blueprint.add(name, resource, at, places)


def _copies(blueprint: Blueprint, name: str) -> dict[str, str]:
    """Return the Regions of a secret's copies with the keys that encrypt them there."""
    intent = blueprint.org.data.secrets[name]
    found: dict[str, str] = {}
    for region in intent.replicate_in if not blueprint.abroad else ():
        there = blueprint.spec.regions.get(region)
        if intent.key and (there is None or intent.key not in there.org.encryption.keys):
            message = f"{region} has no key {intent.key}"
            place: Path = ("data", "secrets", name, "replicate_in")
            blueprint.problem("TW0737", message, place, "name a Region under `regions` that has the key")
        else:
            found[region] = str(key_arn(f"{intent.key}@{region}")) if intent.key else ""
    return found


def _queue(blueprint: Blueprint, name: str) -> None:
    intent = blueprint.org.data.queues[name]
    at: Path = ("data", "queues", name)
    lost = intent.dead_letter
    queue = Queue(
        name=queue_name(blueprint, name),
        fifo=intent.fifo,
        deduplicate_by_content=intent.fifo,
        visibility_timeout=int(intent.visibility.total_seconds()),
        retention=int(intent.retention.total_seconds()),
        kms_key=key_arn(intent.key),
        dead_letter_queue=ref("aws.sqs.queue", lost.queue, "arn") if lost else None,
        max_receive_count=lost.after if lost else 3,
        policy=_queue_policy(blueprint, name),
    )
    places: dict[str, Path] = {"fifo": (*at, "fifo"), "visibility_timeout": (*at, "visibility")}
    places |= {"retention": (*at, "retention"), "dead_letter_queue": (*at, "dead_letter")}
    blueprint.add(name, queue, at, places)


def _queue_policy(blueprint: Blueprint, name: str) -> Document:
    """TLS alone; topics and event rules of the account may send where the spec subscribes the queue."""
    arn, audit = ARNS["data.queues"](blueprint, name), blueprint.org.audit
    statements = [deny("sqs:*", arn, sid="TlsOnly", to="*", when={"Bool": {"aws:SecureTransport": "false"}})]
    heard = [t for t, topic in audit.topics.items() if any(s.queue == name for s in topic.subscriptions)]
    if heard:
        topics = {"ArnEquals": {"aws:SourceArn": [ARNS["audit.topics"](blueprint, topic) for topic in heard]}}
        statements.append(allow("sqs:SendMessage", arn, sid="Topics", to={"Service": "sns.amazonaws.com"}, when=topics))
    fired = [r for r, rule in audit.events.items() if name in rule.queues]
    if fired:
        rules = {
            "ArnEquals": {"aws:SourceArn": [blueprint.scope.arn("events", f"rule/{blueprint.name(r)}") for r in fired]}
        }
        statements.append(
            allow("sqs:SendMessage", arn, sid="Events", to={"Service": "events.amazonaws.com"}, when=rules)
        )
    return document(statements)


def _table(blueprint: Blueprint, name: str) -> None:
    intent = blueprint.org.data.tables[name]
    at: Path = ("data", "tables", name)
    table = Table(
        name=blueprint.name(name),
        attributes={key.name: TYPES[key.type] for key in intent.keys},
        hash_key=intent.hash_key.name,
        range_key=intent.range_key.name if intent.range_key else None,
        indexes={key: _index(index) for key, index in intent.indexes.items()},
        kms_key=key_arn(intent.key),
        point_in_time_recovery=intent.point_in_time_recovery,
        ttl_attribute=intent.ttl,
        deletion_protection=intent.deletion_protection,
    )
    places: dict[str, Path] = {"hash_key": (*at, "hash_key"), "range_key": (*at, "range_key")}
    places |= {"ttl_attribute": (*at, "ttl"), "attributes": (*at, "hash_key"), "indexes": (*at, "indexes")}
    blueprint.add(name, table, at, places)


def _index(intent: TableIndex) -> Index:
    copied = intent.copies
    return Index(
        hash_key=intent.hash_key.name,
        range_key=intent.range_key.name if intent.range_key else None,
        projection="ALL" if copied is None else "INCLUDE" if copied else "KEYS_ONLY",
        include=list(copied or ()),
    )
