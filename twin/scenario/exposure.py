"""What tainted credentials still reach: triples of credential, action and resource that the world would allow now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from twin.analysis.reach.rules import CLASSES, kinds
from twin.data_files import read_yaml
from twin.observe.iam.org import Identity, Org, Thing
from twin.world.authorisation.ask import Ask
from twin.world.authorisation.standing import alive, may
from twin.world.world import World

DATA = Path(__file__).parent / "exposure.yaml"
KINDS = (*CLASSES, "spend", "blind")
ANYTHING = "*"


class Held(NamedTuple):
    """Something that a credential may do: the principal behind it, its class, the action, the resource."""

    principal: str
    kind: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class Question:
    """An action on a resource of the org, and its class."""

    kind: str
    action: str
    resource: str
    account: str


class Exposure:
    """The questions about an org, asked of its world."""

    def __init__(self, world: World, org: Org, trails: Iterable[str], *, account: str) -> None:
        self.world, self.account = world, account
        self.questions = tuple(_questions(org, tuple(trails), account))

    def of(self, access_key_ids: Iterable[str]) -> list[Held]:
        """Return what the holders of these keys may do now; a key that is dead may do nothing."""
        gateway = self.world.gateway
        found: dict[Held, None] = {}
        for id_ in access_key_ids:
            key = alive(gateway, id_)
            for one in self.questions if key is not None else ():
                assert key is not None
                if one.resource == ANYTHING and key.principal.account != self.account:
                    continue  # what it does in an account of its own is no concern of the org
                held = Held(key.principal.arn, one.kind, one.action, one.resource)
                ask = Ask(one.action, one.resource, one.account)
                if held not in found and may(gateway, key, ask, region=self.world.region):
                    found[held] = None
        return list(found)


def _questions(org: Org, trails: tuple[str, ...], account: str) -> Iterator[Question]:
    for one in org.objects:
        if isinstance(one, Thing) and one.account == account:
            for kind in kinds().get(one.kind, ()):
                for name in CLASSES:
                    for action in kind.actions[name]:
                        yield Question(
                            name, action, one.arn + (f"{kind.suffix[:-1]}any" if kind.suffix else ""), account
                        )
    people = [one for one in org.objects if isinstance(one, Identity) and f":{account}:" in one.arn]
    named = {
        "iam.role": [one.arn for one in people if ":role/" in one.arn],
        "iam.user": [one.arn for one in people if ":user/" in one.arn],
        "cloudtrail.trail": list(trails),
        ANYTHING: [ANYTHING],
    }
    for row in _asks():
        for resource in named[row["thing"]]:
            for action in row["actions"]:
                yield Question(row["class"], action, resource, account)


@cache
def _asks() -> tuple[dict[str, Any], ...]:
    return tuple(read_yaml(DATA.read_text())["asks"])
