"""What would stand before the topics and queues of a plan: their policies, and those of their keys."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.address import Address
from twin.analysis.plan.planned import Planned
from twin.observe.locks import MANAGED, Key, Lock
from twin.resources.aws.kms import default_policy as policy_of_kms
from twin.resources.aws.sns import default_policy as policy_of_sns
from twin.resources.declaration import Declaration
from twin.resources.reference import whole


def planned_locks(planned: Planned) -> dict[str, Lock]:
    """Return the locks by ARN; a key that the plan does not make is taken to let in whom it must."""
    keys = _Keys(planned)
    return dict(_locks(planned, keys))


def _locks(planned: Planned, keys: "_Keys") -> Iterator[tuple[str, Lock]]:
    for one, values in planned.of("aws.sns.topic", "aws.sqs.queue"):
        arn, policy = planned.arn(one), values.get("policy")
        if policy is None and one.address.type == "aws.sns.topic":
            policy = policy_of_sns(arn)
        yield arn, Lock(policy, keys.of(one, values.get("kms_key")))


class _Keys:
    """The keys of a plan, by what a topic or queue may call them."""

    def __init__(self, planned: Planned) -> None:
        self.planned = planned
        self.aliases: dict[tuple[str, str], Declaration] = {
            (values["name"], one.address.region): one for one, values in planned.of("aws.kms.alias")
        }

    def of(self, holder: Declaration, name: str | None) -> Key | None:
        """Return the key of a topic or queue, by a reference to it or to its alias, or by the name of an alias."""
        if not name:
            return None
        plain = name.split(":", 5)[-1] if name.startswith("arn:") else name
        if plain.startswith(MANAGED):
            return Key(self.planned.scope.at(holder.address.region).arn("kms", plain))
        target = whole(holder.values["kms_key"])
        address = target.address if target else None
        if address is None and (alias := self.aliases.get((plain, holder.address.region))):
            address = alias.address
        return self._made(address)

    def _made(self, address: Address | None) -> Key | None:
        if address is None or address not in self.planned.desired:
            return None
        one = self.planned.desired[address]
        if address.type == "aws.kms.alias":
            target = whole(one.values["key"])
            return self._made(target.address if target else None)
        policy: Mapping[str, Any] | None = self.planned.values(one).get("policy")
        return Key(self.planned.arn(one), policy or policy_of_kms(self.planned.scope))
