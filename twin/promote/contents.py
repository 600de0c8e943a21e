"""What a plan loses that no plan can bring back: what objects hold, while their settings can be written again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.resources.facts import load_yaml


@dataclass(frozen=True, slots=True)
class Loss:
    """What is not what it was although its object is made again; `restore` is how its vendor may give it back."""

    key: str
    what: str
    restore: str
    refused: bool

    def __str__(self) -> str:
        return f"{self.key} is made anew, without {self.what}"


@cache
def _facts() -> Mapping[str, Any]:
    found: Mapping[str, Any] = load_yaml((files("twin.promote") / "data" / "contents.yaml").read_text(encoding="utf-8"))
    return found


def losses(back: Plan, ids: Mapping[Address, str]) -> Iterator[Loss]:
    """Yield what a way back makes anew without what it held; `ids` are those that its objects had before."""
    for change in back.pending:
        fact = _facts().get(change.address.type)
        if fact is None or change.action not in ("create", "replace") or not _filled(fact, change.fields):
            continue
        region = change.address.region or back.scope.region
        restore = fact["restore"].format(id=ids.get(change.address, change.id), region=region)
        yield Loss(change.key, fact["what"], restore, fact["refused"])


def emptied(back: Plan) -> Iterator[tuple[Change, str]]:
    """Yield what a way back removes, with what may have come into it since."""
    for change in back.pending:
        fact = _facts().get(change.address.type)
        if fact is not None and change.action == "delete" and _filled(fact, change.observed):
            yield change, fact["what"]


def _filled(fact: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    return "if" not in fact or bool(fields.get(fact["if"]))
