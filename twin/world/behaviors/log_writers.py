"""Whether a role lets a service of AWS write to a log group: it exists, trusts the service, and may."""

import json
from functools import lru_cache
from typing import Any, NamedTuple

from twin.semantics.iam import Policies, PolicyError, Request, compile_policy, decide
from twin.world.scene import Scene


class Service(NamedTuple):
    """A service at work for something of an account, which a role's trust may name against the confused deputy."""

    name: str
    source: str
    account: str


def role_may(scene: Scene, role_arn: str, service: Service, *, actions: tuple[str, ...], resource: str) -> bool:
    """Tell whether a service may take on a role, and the role may do all of these to a resource."""
    if not role_arn.startswith("arn:"):
        return False
    account = role_arn.split(":")[4]
    role = next((one for one in scene.state("iam", account, "aws").roles.values() if one.arn == role_arn), None)
    if role is None:
        return False
    documents = [*role.policies.values(), *(policy.document for policy in role.managed_policies.values())]
    trust, identity = _text(role.assume_role_policy_document), tuple(map(_text, documents))
    return _trusts(trust, role_arn, service) and all(_may(identity, role_arn, (one, resource)) for one in actions)


# What a role may depends on its documents alone, which are asked for each delivery and seldom change.
@lru_cache(1024)
def _trusts(trust: str, role_arn: str, service: Service) -> bool:
    try:
        policy = compile_policy(json.loads(trust), "resource")
    except PolicyError:
        return False
    source = {"aws:SourceArn": service.source, "aws:SourceAccount": service.account}
    assumed = Request(service.name, "sts:AssumeRole", role_arn, role_arn.split(":")[4], source)
    return decide(assumed, Policies(resource=policy)).allowed


@lru_cache(1024)
def _may(documents: tuple[str, ...], role_arn: str, does: tuple[str, str]) -> bool:
    try:
        policies = tuple(compile_policy(json.loads(document), "identity") for document in documents)
    except PolicyError:
        return False
    return decide(Request(role_arn, *does, role_arn.split(":")[4]), Policies(identity=policies)).allowed


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
