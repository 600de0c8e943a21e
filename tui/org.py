"""The org as the explorer shows it: every resource of a plan with its state and its neighbours."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tui.states import AS_SPEC, UNMANAGED, State, state_of
from twin.engine.graph import ends
from twin.engine.plan import Change, Plan
from twin.resources.declaration import Desired


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
        """The way to the resource in the tree: system, service where the system has them, type."""
        return tuple(self.type.split("."))

    def matches(self, words: Iterable[str]) -> bool:
        """Tell whether each word occurs in the address, the id or the state."""
        here = f"{self.key} {self.name} {self.id or ''} {self.state.word}".lower()
        return all(word in here for word in words)


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
        found = [
            Entry(
                c.key, c.address.type, c.address.name, state_of(c), c.id, c,
                () if c.surplus else tuple(needs[c.key]), () if c.surplus else tuple(users[c.key]),
            )
            for c in plan.changes
        ]  # fmt: skip
        found += [Entry(f"{u.type}#{u.id}", u.type, u.name or u.id, UNMANAGED, u.id) for u in plan.unmanaged]
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

    def matching(self, text: str) -> Iterator[Entry]:
        """Yield the resources that a filter lets through."""
        words = text.lower().split()
        return (e for e in self.entries.values() if e.matches(words))


def tally(entries: Iterable[Entry]) -> dict[State, int]:
    """Count resources by state, what is as the spec wants it first."""
    counts: dict[State, int] = defaultdict(int)
    for entry in entries:
        counts[entry.state] += 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] is not AS_SPEC, item[0].word)))


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
