"""The policies that resources carry, by the resource's ARN: buckets, keys, queues, secrets, roles."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twin.semantics.iam import Grant, compile_grant
from twin.world.authorisation.buckets import access_point_text, bucket_text
from twin.world.authorisation.entities import Ref
from twin.world.authorisation.view import IamView
from twin.world.stores.moto_store import backends


@dataclass(frozen=True, slots=True)
class Place:
    """A resource's account, Region and the rest of its ARN."""

    account: str
    region: str
    name: str
    arn: str


ABSENT_KEY = (
    '{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"kms:*","Resource":"*"}}'
)
Reader = Callable[[Any, Place], str | bytes | None]


def policy_of(
    arn: str, view: IamView, *, outside: str | None = None, owner: str | None = None
) -> str | bytes | None:  # fmt: skip
    """Return the text of a resource's policy; None when it has none.

    `outside` is the resource's account when the caller is none of it; `owner` that account where the ARN hides it.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    service, region, account, name = parts[2:]
    if service == "s3" and name.startswith("accesspoint/"):
        return access_point_text(account, name.split("/")[1], outside=outside)
    if service == "s3":
        return bucket_text(name, outside=outside, owner=owner)
    if service == "iam":
        role = view.entity(Ref("role", account, name.rpartition("/")[2])) if name.startswith("role/") else None
        return role.trust if role is not None else None
    reader = READERS.get(service)
    known = backends(service) if reader is not None else {}
    if reader is None or account not in known or not region:
        return None
    return reader(known[account][region], Place(account, region, name, arn))


def grants_of(arn: str) -> tuple[Grant, ...]:
    """Return the grants on a key."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "kms" or parts[4] not in backends("kms"):
        return ()
    key = backends("kms")[parts[4]][parts[3]].keys.get(parts[5].removeprefix("key/"))
    return tuple(compile_grant(grant.to_json()) for grant in key.grants.values()) if key is not None else ()


def carries_policies(service: str) -> bool:
    """Tell whether resources of a service may carry policies."""
    return service in READERS or service in ("s3", "sts")


def _key(kms: Any, place: Place) -> str | None:
    if not place.name.startswith("key/"):
        return None
    key = kms.keys.get(place.name.removeprefix("key/"))
    # A key that is not there is left to the store, which says so.
    return key.policy if key is not None else ABSENT_KEY % place.account


def _queue(sqs: Any, place: Place) -> str | None:
    queue = sqs.queues.get(place.name)
    return queue.policy or None if queue is not None else None


def _topic(sns: Any, place: Place) -> str | None:
    topic = sns.topics.get(place.arn)
    return topic.policy if topic is not None else None


def _secret(secrets: Any, place: Place) -> str | None:
    kept = secrets.secrets.get(place.arn) if not place.arn.endswith("?") else None
    return getattr(kept, "policy", None)


def _function(functions: Any, place: Place) -> str | None:
    name = place.name.removeprefix("function:").partition(":")[0]
    kept = next((each for each in functions.list_functions() if each.function_name == name), None)
    if kept is None or not kept.policy.statements:
        return None
    return json.dumps({"Version": "2012-10-17", "Statement": kept.policy.statements})


def _repository(ecr: Any, place: Place) -> str | None:
    kept = ecr.repositories.get(place.name.removeprefix("repository/"))
    return kept.policy if kept is not None else None


def _bus(events: Any, place: Place) -> str | None:
    kept = events.event_buses.get(place.name.removeprefix("event-bus/"))
    return kept.policy if kept is not None else None


def _table(dynamodb: Any, place: Place) -> str | None:
    kept = dynamodb.resource_policies.get(place.arn.partition("/index/")[0])
    return kept.policy_doc if kept is not None else None


READERS: dict[str, Reader] = {
    "kms": _key,
    "sqs": _queue,
    "sns": _topic,
    "secretsmanager": _secret,
    "lambda": _function,
    "ecr": _repository,
    "events": _bus,
    "dynamodb": _table,
}
