"""A plan: every change with its cause and its place in the execution graph, as data that can be saved."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from twin.address import Address
from twin.errors import StaleError, UsageError
from twin.resources.canonical import text as canonical_text
from twin.resources.scope import Scope

Action = Literal["create", "update", "replace", "delete", "no-op"]
ACTIONS: tuple[Action, ...] = ("create", "update", "replace", "delete", "no-op")
Cause = Literal["spec", "drift", "both", "unknown"]
"""Why a field differs: the spec moved, somebody changed the object, both, or no state tells."""
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changes; `before` and `after` never hold a secret."""

    field: str
    before: Any
    after: Any
    cause: Cause
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one object.

    `fields` are the desired values as far as they are known; references that apply will resolve stay written as
    `${…}`. `observed` and `outputs` are what the endpoint told. `after` lists the keys of changes that come first;
    `removal_after` those that the removal half of a replacement waits for.
    """

    address: Address
    action: Action
    id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    observed: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    after: tuple[str, ...] = ()
    removal_after: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None
    reason: str = ""
    create_first: bool = False
    """The replacement is made before the old object is removed, so that its users can move over."""
    claims: bool = False
    """The ownership tag is missing or names another address, and is written with the update."""
    last: Mapping[str, Any] = field(default_factory=dict)
    """What was applied last of the fields that the vendor never shows; secrets by their sources."""
    surplus: bool = False
    """The object is one too many under this address, or a member that nobody declared."""
    former: str | None = None
    """The address that the object had before."""
    protect: str = ""
    """Why the spec guards it from removal."""
    freed: str = ""
    """Why it was protected, where the plan was told by name that it may go all the same."""
    guarded: str = ""
    """Why it was protected when the plan was made, as the state tells; what it says since then holds."""
    adopted: bool = False
    """The spec names the object by its id, as one that is taken over."""

    @property
    def key(self) -> str:
        """The change's name in the graph: its address, with the id where several objects share it."""
        return f"{self.address}#{self.id}" if self.surplus else str(self.address)

    @property
    def before(self) -> Address:
        """The address that the object had before, which is its own where it had no other."""
        return Address.parse(self.former) if self.former else self.address

    @property
    def changed(self) -> frozenset[str]:
        """The names that the resource's `update` is told: the fields that differ, and `owner` where we claim it."""
        return frozenset({d.field for d in self.differences} | ({"owner"} if self.claims else set()))

    @property
    def writes(self) -> bool:
        """Whether anything is sent."""
        return self.action != "no-op"


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """An object in the account that the spec does not have and that we do not own."""

    type: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A change that is needed and that this plan does not carry out."""

    key: str
    action: str
    why: str


@dataclass(frozen=True, slots=True)
class Wave:
    """A part of a plan that is carried out, and looked at, before the next one begins.

    `steps` are keys of changes with create, update or delete; `radius` counts the existing resources that they change
    or that rely on those.
    """

    name: str
    steps: tuple[tuple[str, str], ...]
    radius: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one spec on one target; `digest` names all that it shows, `effect` what apply would do."""

    scope: Scope
    spec_digest: str
    observed_digest: str
    changes: tuple[Change, ...]
    unmanaged: tuple[Unmanaged, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    spec_file: str | None = None
    target: str = "twin"
    promotion: Mapping[str, Any] = field(default_factory=dict)
    """What the spec demands before the plan goes live, as it stands in the spec's model."""
    left_out: tuple[LeftOut, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    """Where the spec keeps the state, as it stands in the spec."""
    waves: tuple[Wave, ...] = ()
    """In which parts it is carried out; without any, as a whole."""
    undoes: str = ""
    """The digest of the plan to before which this one leads back."""
    goes_on: str = ""
    """The digest of the plan of which this one is what its earlier runs have left."""
    forgets: Mapping[str, str] = field(default_factory=dict)
    """What the state has and nothing stands for, by address with the vendor's id; it goes from the state."""

    @property
    def summary(self) -> dict[str, int]:
        """Count the changes by action."""
        return {action: sum(c.action == action for c in self.changes) for action in ACTIONS}

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes that send something."""
        return tuple(change for change in self.changes if change.writes)

    @property
    def digest(self) -> str:
        """The digest of all that a plan shows: its effect, what nobody manages, what could not be read."""
        return self._shown(self.effect)

    def _shown(self, effect: str) -> str:
        return digest([effect, _unmanaged(self), dict(self.unreadable)])

    @property
    def effect(self) -> str:
        """The digest of all that decides what apply does: target, owner, accounts, spec, observed state, changes.

        The spec's file is among it, for the checks of waves and the files of secrets lie beside it.
        """
        place: dict[str, Any] = {"target": self.target, **scope_document(self.scope), "promotion": dict(self.promotion)}
        place |= {"file": self.spec_file} if self.spec_file else {}
        place |= {"left_out": _left_out(self)} if self.left_out else {}
        place |= {"state": dict(self.state)} if self.state else {}
        place |= {"undoes": self.undoes} if self.undoes else {}
        place |= {"goes_on": self.goes_on} if self.goes_on else {}
        place |= {"forgets": dict(self.forgets)} if self.forgets else {}
        waves = [_wave(wave) for wave in self.waves]
        return digest(
            [place, self.spec_digest, self.observed_digest, [change_document(c) for c in self.changes], waves]
        )

    def document(self) -> dict[str, Any]:
        """Return the plan as the JSON that `-o` saves and `--json` prints."""
        effect = self.effect
        return {
            "schema": SCHEMA,
            "digest": self._shown(effect),
            "effect": effect,
            "target": self.target,
            "scope": scope_document(self.scope),
            "spec": {"file": self.spec_file, "digest": self.spec_digest},
            "observed": self.observed_digest,
            "promotion": dict(self.promotion),
            "state": dict(self.state),
            "waves": [_wave(wave) for wave in self.waves],
            "undoes": self.undoes,
            **({"goes_on": self.goes_on} if self.goes_on else {}),
            "forgets": dict(self.forgets),
            "summary": self.summary,
            "changes": [change_document(c) for c in self.changes],
            "unmanaged": _unmanaged(self),
            "unreadable": dict(self.unreadable),
            "left_out": _left_out(self),
        }


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(canonical_text(value).encode()).hexdigest()


def scope_document(scope: Scope) -> dict[str, str]:
    """Return whose org it is, as the JSON of a saved plan."""
    return {name: getattr(scope, name) for name in Scope.__slots__}


def change_document(change: Change) -> dict[str, Any]:
    """Return a change as the JSON of a saved plan."""
    return {
        "address": str(change.address),
        "type": change.address.type,
        "action": change.action,
        "file": change.file,
        "line": change.line,
        "id": change.id,
        "reason": change.reason,
        "create_first": change.create_first,
        "claims": change.claims,
        "surplus": change.surplus,
        "former": change.former,
        "fields": dict(change.fields),
        "observed": dict(change.observed),
        "outputs": dict(change.outputs),
        "last": dict(change.last),
        "differences": [_difference(d) for d in change.differences],
        "after": list(change.after),
        "removal_after": list(change.removal_after),
        **({"protect": change.protect} if change.protect else {}),
        **({"freed": change.freed} if change.freed else {}),
        **({"guarded": change.guarded} if change.guarded else {}),
        **({"adopted": True} if change.adopted else {}),
    }


def _unmanaged(plan: Plan) -> list[dict[str, str]]:
    return [{"type": one.type, "id": one.id, "name": one.name} for one in plan.unmanaged]


def _left_out(plan: Plan) -> list[dict[str, str]]:
    return [{"key": one.key, "action": one.action, "why": one.why} for one in plan.left_out]


def _wave(wave: Wave) -> dict[str, Any]:
    return {"name": wave.name, "radius": wave.radius, "steps": [list(step) for step in wave.steps]}


def _difference(item: Difference) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Difference.__slots__}


def save(plan: Plan, path: Path) -> None:
    """Write a plan to a file that only its owner may read; UsageError when it cannot be written."""
    try:
        path.touch(mode=0o600)
        if path.is_file():  # one that was there may have been everybody's
            path.chmod(0o600)
        path.write_text(json.dumps(plan.document(), indent=1) + "\n")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def load(path: Path) -> Plan:
    """Read a saved plan; UsageError when it is none, StaleError when it was changed since or is of an earlier twin."""
    try:
        return read(path.read_text(), str(path))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a plan that `twin plan -o` saved: {error!r}") from error


def read(text: str, name: str) -> Plan:
    """Read a plan from the text of the file `name`; UsageError when it is none, StaleError when it was changed."""
    try:
        data = json.loads(text)
        plan = Plan(
            scope=Scope(**data["scope"]),
            spec_digest=data["spec"]["digest"],
            observed_digest=data["observed"],
            changes=tuple(read_changes(data["changes"])),
            unmanaged=tuple(Unmanaged(**u) for u in data["unmanaged"]),
            unreadable=data["unreadable"],
            spec_file=data["spec"]["file"],
            target=data["target"],
            promotion=data["promotion"],
            state=data.get("state", {}),
            left_out=tuple(LeftOut(**one) for one in data.get("left_out", ())),
            waves=tuple(_waves(data["waves"])),
            undoes=data.get("undoes", ""),
            goes_on=data.get("goes_on", ""),
            forgets=data.get("forgets", {}),
        )
        same = data.get("schema") == SCHEMA and canonical_text(plan.document()) == canonical_text(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{name} is not a plan that `twin plan -o` saved: {error!r}") from error
    if "effect" not in data:
        raise StaleError(
            f"{name} was saved by an earlier twin, whose digest left out what nobody manages and what could not be "
            "read; plan again"
        )
    if not same:
        raise StaleError(f"{name} was changed after it was saved: its digest does not fit; plan again")
    return plan


def _waves(items: list[dict[str, Any]]) -> Iterator[Wave]:
    for item in items:
        yield Wave(item["name"], tuple((key, action) for key, action in item["steps"]), item["radius"])


def read_changes(items: Iterable[Mapping[str, Any]]) -> Iterator[Change]:
    """Yield changes from the JSON that `change_document` makes; KeyError or TypeError when it is none."""
    for item in items:
        rest = {k: v for k, v in item.items() if k not in ("address", "type", "differences", "after", "removal_after")}
        yield Change(
            address=Address.parse(item["address"]),
            differences=tuple(Difference(**d) for d in item["differences"]),
            after=tuple(item["after"]),
            removal_after=tuple(item["removal_after"]),
            **rest,
        )
