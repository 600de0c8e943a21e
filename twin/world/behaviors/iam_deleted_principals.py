"""IAM: a policy that names a user or role knows it by its id, so who is made anew under the name is somebody else.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import json
from collections.abc import Iterator
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.behaviors import answers, follows
from twin.world.scene import Scene
from twin.world.stores.elsewhere import ELSEWHERE
from twin.world.stores.moto_store import backends

NAMES = {"DeleteUser": ("users", "UserName"), "DeleteRole": ("roles", "RoleName")}
ABOUT_TO_GO = "iam.deleted-principals"


@answers("iam", *NAMES)
def note(asked: Asked, scene: Scene) -> None:
    """Note the id of what the store is about to delete."""
    place, parameter = NAMES[asked.call.operation]
    kept = getattr(asked.state(), place).values()
    found = next((each for each in kept if each.name == asked.parameters.get(parameter)), None)
    scene.memory[ABOUT_TO_GO] = (found.arn, _unique(place, found.id)) if found is not None else None


def _unique(place: str, id_: str) -> str:
    return id_ if place == "roles" else f"AIDA{id_.upper()}"


@follows("iam", *NAMES)
def forget(_done: Done, scene: Scene) -> None:
    """Put the id in the place of the name wherever a policy of a resource names it."""
    noted = scene.memory.pop(ABOUT_TO_GO, None)
    if noted is None:
        return
    for kept, attribute in _policies():
        text = getattr(kept, attribute, None)
        written = text.decode() if isinstance(text, bytes) else text
        if isinstance(written, str) and noted[0] in written and (changed := _renamed(written, *noted)) is not None:
            setattr(kept, attribute, changed.encode() if isinstance(text, bytes) else changed)


def _policies() -> Iterator[tuple[Any, str]]:
    for account in backends("iam").values():
        yield from ((role, "assume_role_policy_document") for role in account["aws"].roles.values())
    for account in backends("s3").values():
        yield from ((bucket, "policy") for bucket in account["aws"].buckets.values())
    for service, place in (("kms", "keys"), ("secretsmanager", "secrets"), ("sns", "topics"), ("sqs", "queues")):
        # What another store keeps has its policies there, out of reach.
        for account in () if service in ELSEWHERE else backends(service).values():
            for state in account.values():
                yield from ((kept, "policy") for kept in dict.values(getattr(state, place)))


def _renamed(text: str, arn: str, id_: str) -> str | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    found = False
    statements = document.get("Statement") if isinstance(document, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        for name in ("Principal", "NotPrincipal"):
            principal = statement.get(name) if isinstance(statement, dict) else None
            if not isinstance(principal, dict):
                continue
            named = principal.get("AWS")
            if named == arn or (isinstance(named, list) and arn in named):
                principal["AWS"] = id_ if named == arn else [id_ if each == arn else each for each in named]
                found = True
    return json.dumps(document) if found else None
