"""AWS's own managed policies, put into the store when a call names them.

Loading all of them takes a second; one is cut out of moto's data in a millisecond. The whole set is loaded by
the first ListPolicies that asks for it.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from twin.world.aws_call import Call

ARN = re.compile(r"arn:aws:iam::aws:policy/[\w+=,.@/-]+")


def seed_named_policies(call: Call) -> None:
    """Make every managed policy of AWS that an IAM call names exist in the caller's account."""
    if call.operation == "ListPolicies":
        scope = call.parse().get("Scope", "All")
        if scope != "Local":
            _seed_all(call.account)
        return
    text = call.request.body.decode("utf-8", "replace") + call.url.partition("?")[2]
    if "policy" not in text:
        return
    for arn in ARN.findall(unquote_plus(text)):
        seed_policy(call.account, arn)


def seed_policy(account: str, arn: str) -> None:
    """Make one managed policy of AWS exist in an account."""
    kept = _backend(account).managed_policies
    if arn in kept:
        return
    policy = _read_policy(arn.rpartition("/")[2])
    # A name under the wrong path is another ARN, which does not exist.
    if policy is not None and f"arn:aws:iam::aws:policy{policy['Path']}{arn.rpartition('/')[2]}" == arn:
        _add(account, arn.rpartition("/")[2], policy)


def _seed_all(account: str) -> None:
    kept = _backend(account).managed_policies
    for name, policy in _every_policy():
        if f"arn:aws:iam::aws:policy{policy['Path']}{name}" not in kept:
            _add(account, name, policy)


def _add(account: str, name: str, data: dict[str, Any]) -> None:
    from moto.iam.models import AWSManagedPolicy

    backend = _backend(account)
    policy = AWSManagedPolicy.from_data(name, account, "us-east-1", data)
    backend.managed_policies[policy.arn] = policy
    backend.aws_managed_policies.append(policy)


def _backend(account: str) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[account]["aws"]


@lru_cache(maxsize=256)
def _read_policy(name: str) -> dict[str, Any] | None:
    from moto.iam.aws_managed_policies import aws_managed_policies_data as text

    marker = f'\n "{name}":'
    start = text.find(marker)
    if start < 0:
        return None
    policy, _ = json.JSONDecoder().raw_decode(text, start + len(marker))
    return dict(policy)


def _every_policy() -> Iterator[tuple[str, dict[str, Any]]]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data as text

    yield from json.loads(text).items()
