"""Who makes a request: a principal's ARN, a service's name or `anonymous`, read once."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from twin.semantics.iam.mistake import QuestionError
from twin.semantics.iam.templates import Facts

Kind = Literal["user", "role", "session", "federated-user", "root", "service", "provider", "anonymous"]

_ARN = re.compile(r"arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(.+)", re.DOTALL)
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")
_SERVICE = re.compile(r".+\.amazonaws\.com(?:\.cn)?|.+\.aws\.internal", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal of a request.

    `account` is None for services, identity providers and anonymous callers. `role_arn` is the whole ARN of the role
    where the principal tells it: a session's ARN has no path.
    """

    kind: Kind
    name: str
    account: str | None = None
    role: str | None = None
    role_arn: str | None = None
    facts: Facts = field(default_factory=dict)


@lru_cache(maxsize=65536)
def caller(principal: str) -> Caller:
    """Read a principal; QuestionError when it is none."""
    if principal == "anonymous":
        nobody = ("anonymous",)
        facts = {"aws:principalaccount": nobody, "aws:userid": nobody, **_type("Anonymous")}
        return Caller("anonymous", principal, facts=facts)
    found = _ARN.fullmatch(principal)
    if found is not None:
        return _from_arn(principal, found)
    if _DOMAIN.fullmatch(principal):
        if _SERVICE.fullmatch(principal):
            names = {"aws:principalservicename": (principal,), "aws:principalservicenameslist": (principal,)}
            return Caller("service", principal, facts={"aws:principalisawsservice": ("true",), **names})
        return Caller("provider", principal, facts={"aws:federatedprovider": (principal,)})
    raise QuestionError(
        f"{principal!r} is no principal: the ARN of a user, role, assumed-role session or federated user, "
        "a service such as ec2.amazonaws.com, or anonymous"
    )


def _from_arn(principal: str, found: re.Match[str]) -> Caller:
    partition, service, account, rest = found.groups()
    kind, _, name = rest.partition("/")
    common = {"aws:principalaccount": (account,), "aws:principalisawsservice": ("false",)}
    if service == "iam" and rest == "root":
        facts = {**common, **_arn(principal), **_type("Account"), "aws:userid": (account,)}
        return Caller("root", principal, account, facts=facts)
    if service == "iam" and kind == "user" and name:
        username = {"aws:username": (name.rpartition("/")[2],)}
        return Caller("user", principal, account, facts={**common, **_arn(principal), **_type("User"), **username})
    if service == "iam" and kind == "role" and name:
        facts = {**common, **_arn(principal), **_type("AssumedRole")}
        return Caller("role", principal, account, name.rpartition("/")[2], principal, facts=facts)
    if service == "iam" and kind in ("oidc-provider", "saml-provider") and name:
        return Caller("provider", principal, facts={"aws:federatedprovider": (principal,)})
    if service == "sts" and kind == "federated-user" and name:
        facts = {**common, **_arn(principal), **_type("FederatedUser"), "aws:userid": (f"{account}:{name}",)}
        return Caller("federated-user", principal, account, facts=facts)
    if service == "sts" and kind == "assumed-role" and name.count("/") == 1 and all(name.split("/")):
        role = name.partition("/")[0]
        arn = _arn(f"arn:{partition}:iam::{account}:role/{role}")
        return Caller("session", principal, account, role, facts={**common, **arn, **_type("AssumedRole")})
    raise QuestionError(
        f"{principal!r} is no principal: no user, role, assumed-role session, federated user or identity provider"
    )


def _type(value: str) -> dict[str, tuple[str, ...]]:
    return {"aws:principaltype": (value,)}


def _arn(value: str) -> dict[str, tuple[str, ...]]:
    return {"aws:principalarn": (value,)}
