"""Policy documents that the tests of the identity family share, and a way to run checks."""

from typing import Any

from twin.address import Address
from twin.resources.resource import Peers, Resource
from twin.resources.scope import Scope

SCOPE = Scope(org="acme", environment="test", account="123456789012")
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [READ]}
WRITE: dict[str, Any] = {"Version": "2012-10-17", "Statement": [{**READ, "Action": ["s3:PutObject", "s3:GetObject"]}]}


def trust(service: str) -> dict[str, Any]:
    """Return a trust policy for one service."""
    principal = {"Service": service}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


def problems(resource: Resource, **others: Resource) -> list[tuple[str, str | None]]:
    """Check a resource beside others, named by keyword; returns (code, field) of each problem."""
    address = Address(resource.TYPE, "it")
    desired = {address: resource, **{Address(r.TYPE, name): r for name, r in others.items()}}
    return [(p.code, p.field) for p in resource.check(address, Peers(desired, SCOPE))]
