"""The org as the explorer shows it: every resource of a plan with its state and its neighbours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tui.palette import FAINT
from tui.sheet import Column, Line
from tui.states import AS_SPEC, UNMANAGED, State, state_of
from twin.engine.culprits import GLOBAL
from twin.engine.graph import ends
from twin.engine.plan import Change, Plan
from twin.report.query import Facets, Index
from twin.resources.declaration import Desired

COLUMNS = (Column("name", 21, least=15), Column("type", bare="aws."), Column("state"), Column("id", 48))
"""What the table of resources shows: on a narrow screen names, whose signs tell the state, and types."""


@dataclass(frozen=True, slots=True)
class Link:
    """One end of a reference: the other resource's key, and the field that holds the reference."""

    key: str
    field: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource: what is planned for it, what it refers to, and what refers to it.

    `change` is None for an object that nobody manages.
    """

    key: str
    type: str
    name: str
    state: State
    id: str | None = None
    change: Change | None = None
    needs: tuple[Link, ...] = ()
    users: tuple[Link, ...] = ()
    region: str = ""
    """Its Region, `global` for what has none; empty where the org has one Region alone, or the vendor none."""

    @property
    def address(self) -> str:
        """What `y` copies: the address, or the vendor's id of an object that has none."""
        return str(self.change.address) if self.change else str(self.id)

    @property
    def arn(self) -> str | None:
        """The ARN, where it is known that there is one."""
        told = [self.id, *(self.change.outputs.values() if self.change else ())]
        return next((text for text in told if isinstance(text, str) and text.startswith("arn:")), None)

    @property
    def path(self) -> tuple[str, ...]:
        """The way to the resource in the tree: system, Region where there are several, service if any, type."""
        system, *rest = self.type.split(".")
        return (system, self.region, *rest) if self.region else (system, *rest)

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags that are wanted, else those that were seen."""
        found = self.change and (self.change.fields.get("tags") or self.change.observed.get("tags"))
        return found if isinstance(found, Mapping) else {}

    def told(self) -> tuple[str, Facets]:
        """Return what a filter looks at: address, id and state; type, state and tags by their names."""
        tags = "\n".join(f"{name}={value}" for name, value in self.tags.items())
        facets = {"type": self.type, "state": self.state.word, "tag": tags, "region": self.region}
        return f"{self.key} {self.name} {self.id or ''} {self.state.word}", facets

    def line(self) -> Line:
        """Return the row of the table of resources."""
        state = self.state
        word = FAINT if state is AS_SPEC else state.colour
        cells = (f"{state.glyph} {self.name}", self.type, state.word, self.id or "")
        return Line(self.key, cells, (state.colour, "", word, FAINT), (self.name.lower(), *cells[1:]))


@dataclass(frozen=True)
class Org:
    """All resources of a plan by key, in the order of their addresses."""

    plan: Plan
    entries: Mapping[str, Entry]

    @classmethod
    def of(cls, plan: Plan, desired: Desired) -> "Org":
        """Join a plan with the references of the spec that it was made from."""
        return cls.joined(plan, ends(desired))

    @classmethod
    def joined(cls, plan: Plan, references: Mapping[str, Iterable[tuple[str, str]]]) -> "Org":
        """Join a plan with references: by address, the other's address and the field that refers to it."""
        needs, users = _links(references)
        several = any(c.address.region for c in plan.changes)
        home = plan.scope.region
        found = [
            Entry(
                c.key, c.address.type, c.address.name, state_of(c), c.id, c,
                () if c.surplus else tuple(needs[c.key]), () if c.surplus else tuple(users[c.key]),
                _region(c.address.type, c.address.region or home) if several else "",
            )
            for c in plan.changes
        ]  # fmt: skip
        found += [
            Entry(f"{u.type}#{u.id}", u.type, u.name or u.id, UNMANAGED, u.id,
                  region=_region(u.type, _told(u.id) or home) if several else "")
            for u in plan.unmanaged
        ]  # fmt: skip
        return cls(plan, {e.key: e for e in sorted(found, key=lambda e: (e.type, e.name, e.key))})

    @cached_property
    def pending(self) -> tuple[tuple[Change, Entry], ...]:
        """The changes that send something, in the order of the spec, each with its entry."""
        placed = sorted(self.plan.pending, key=lambda c: (c.file or "", c.line or 0, c.key))
        return tuple((change, self.entries[change.key]) for change in placed)

    @property
    def unmanaged(self) -> tuple[Entry, ...]:
        """The objects that nobody manages."""
        return tuple(e for e in self.entries.values() if e.change is None)

    @cached_property
    def order(self) -> Sequence[Entry]:
        """The resources by their place in the table."""
        return tuple(self.entries.values())

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The rows of the table."""
        return tuple(entry.line() for entry in self.order)

    @cached_property
    def index(self) -> Index:
        """What filters are asked of."""
        return Index.of(self.order, Entry.told)

    def matching(self, written: str, path: tuple[str, ...] = ()) -> list[int]:
        """Return the places of the resources that a filter lets through, of a part of the tree."""
        found = self.index.matching(written)
        return [i for i in found if self.order[i].path[: len(path)] == path] if path else found


def tally(entries: Iterable[Entry]) -> dict[State, int]:
    """Count resources by state, what is as the spec wants it first."""
    counts: dict[State, int] = defaultdict(int)
    for entry in entries:
        counts[entry.state] += 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] is not AS_SPEC, item[0].word)))


def _region(type_: str, region: str) -> str:
    """Return the Region of a resource, `global` for AWS's services that have none, empty for other vendors."""
    if not type_.startswith("aws."):
        return ""
    return "global" if type_.startswith(GLOBAL) else region


def _told(id_: str) -> str:
    """Return the Region that an ARN names, empty where it names none or is none."""
    return id_.split(":")[3] if id_.startswith("arn:") and id_.count(":") >= 5 else ""


def _links(
    references: Mapping[str, Iterable[tuple[str, str]]],
) -> tuple[dict[str, list[Link]], dict[str, list[Link]]]:
    """Return, by address, the references that go out of each resource and those that come in."""
    needs: dict[str, list[Link]] = defaultdict(list)
    users: dict[str, list[Link]] = defaultdict(list)
    for here, ends_ in references.items():
        for there, name in ends_:
            needs[here].append(Link(there, name))
            users[there].append(Link(here, name))
    return needs, users
