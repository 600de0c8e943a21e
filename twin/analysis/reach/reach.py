"""Who may do what in an org, what each principal can do, and who can become whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from twin.analysis.reach import points
from twin.analysis.reach.answers import Answer
from twin.analysis.reach.asking import Asker
from twin.analysis.reach.estate import EVERYONE, Estate, named_in, pathless
from twin.analysis.reach.hops import Hop, Path, Step
from twin.analysis.reach.places import witnesses
from twin.analysis.reach.rules import Kind, kinds
from twin.analysis.reach.search import Goal, Search
from twin.analysis.reach.subject import Node, Subject
from twin.analysis.reach.ways import Ways, about
from twin.observe.iam.org import Identity, Object, Org, Thing, account_of, text

ANONYMOUS = "anonymous"
UNSIGNED = ("s3.bucket", "sqs.queue", "sns.topic")
"""Kinds whose services answer requests that nobody signed; the others refuse them before any policy is asked."""
UNBLOCKED = "public access to the bucket is not blocked"
Class = Literal["read", "write", "destroy", "persist"]


class Holder(NamedTuple):
    """A principal that can do something, and what that rests on."""

    principal: str
    answer: Answer


class Reach:
    """Reach over one org.

    `given` fixes condition keys that are else left to the caller, as in {"aws:MultiFactorAuthPresent": "false"}.
    An updated reach shares the answers of the one before: only questions whose policies changed are decided again.
    """

    def __init__(self, org: Org, given: Mapping[str, str] | None = None, *, asker: Asker | None = None) -> None:
        self.org = org
        self.asker = asker or Asker(given or {})
        self.estate = Estate(org.by_key())
        self.ways = Ways(self.estate, self.asker)
        self.search = Search(self.ways)

    def update(self, *changed: Object, gone: Iterable[str] = ()) -> "Reach":
        """Return the reach after objects changed, came or went (by key)."""
        return Reach(self.org.changed(*changed, gone=gone), asker=self.asker)

    def principals(self) -> list[str]:
        """Return every user and role of the org."""
        return [one.arn for one in self.estate.all_identities()]

    def names(self) -> list[str]:
        """Return everyone and everything that a question may be about."""
        people = [*self.estate.members, *self.estate.doors]
        groups = [one.group for listed in self.estate.members.values() for one in listed]
        things = [one.arn for listed in self.estate.things.values() for one in listed]
        return list(dict.fromkeys([*self.principals(), *people, *groups, *things]))

    def who_can(self, action: str, resource: str) -> list[Holder]:
        """Return the principals that may do an action on a resource as they are; whom others become is asked apart."""
        thing = self.thing(resource) or Thing(resource, "", account_of(resource))
        question = about(thing, action)._replace(resource=resource)
        found = ((one, self.ways.ask(self.ways.subject(Node(one)), question)) for one in self.principals())
        return [Holder(one, answer) for one, answer in found if answer.allowed]

    def thing(self, arn: str) -> Thing | None:
        """Return the resource of an ARN; of what is inside a bucket, the bucket."""
        for name in (arn, arn.partition("/")[0]):
            found = self.estate.objects.get(name)
            if isinstance(found, Thing):
                return found
            if isinstance(found, Identity) and found.trust:
                return Thing(found.arn, "iam.role", account_of(found.arn), found.trust, tags=found.tags)
        return None

    def what_can(self, principal: str) -> dict[Class, tuple[str, ...]]:
        """Return the resources that a principal may read, write, destroy or persist in, as it is."""
        node = Node(principal)
        classes: tuple[Class, ...] = ("read", "write", "destroy", "persist")
        return {
            name: tuple(one.arn for one in self._classed() if self.uses(node, one, name) is not None)
            for name in classes
        }

    def _classed(self) -> Iterator[Thing]:
        for kind in kinds():
            yield from self.estate.things.get(kind, ())

    def uses(self, node: Node, thing: Thing, wanted: Class) -> Step | None:
        """Return how a node does something of a class with a resource, None when it cannot."""
        return next((step for kind in kinds()[thing.kind] for step in self._uses(node, (thing, kind), wanted)), None)

    def _uses(self, node: Node, what: tuple[Thing, Kind], wanted: Class) -> Iterator[Step]:
        thing, kind = what
        subject = self.ways.subject(node)
        for action in kind.actions[wanted]:
            if not self._could(subject, thing, action):
                continue
            inside = thing.arn + kind.suffix
            places = witnesses(subject, action, inside, policies=self._over(thing)) if kind.suffix else (thing.arn,)
            for place in places:
                answer = self.ways.ask(subject, about(thing, action)._replace(resource=place))
                if answer.allowed:
                    yield Step(action, place, answer.grounds, answer.conditions)
        for action in kind.actions[wanted] if thing.arn in self.estate.points else ():
            yield from points.used(self.ways, node, what, action)

    def _over(self, thing: Thing) -> Iterator[str]:
        """Yield the policies of a resource: its own, and those that bind its account."""
        if thing.policy:
            yield thing.policy
        home = self.estate.accounts.get(thing.account)
        yield from (one.text for _, documents in (home.rcps if home else None) or () for one in documents)

    def _could(self, subject: Subject, thing: Thing, action: str) -> bool:
        """Return whether it is worth asking: someone's own policies, or the resource's, speak of it at all."""
        if subject.arn == ANONYMOUS and thing.kind not in UNSIGNED:
            return False
        covered = self.asker.covers(subject, action)
        near = thing.account == subject.account
        if thing.grants or (near and covered):
            return True
        names = named_in(thing.policy) if thing.policy else frozenset[str]()
        direct = not names.isdisjoint((subject.arn, pathless(subject.arn), EVERYONE, *subject.providers))
        if near or not subject.account:
            return direct
        return covered and (direct or subject.account in names)

    def becomes(self, principal: str) -> list[tuple[Node, Path]]:
        """Return every principal that one can become, or whose rights it can change, with the shortest way."""
        return [(node, path) for node, path in self.search.held(Node(principal)) if path]

    def paths(self, start: str, goal: str, *, limit: int = 10) -> list[Path]:
        """Return the ways from a principal to `admin`, to `data` or to an ARN, the shortest first.

        None for one that is there already, except where its own rights are the way: reading is a hop.
        """
        return self.search.paths(Node(start), self.goal(goal), limit)

    def goal(self, wanted: str) -> Goal:
        """Return what a search looks for."""
        if wanted == "admin":
            return self.ways.administers
        if wanted == "data":
            data = [one for one in self._classed() if any(kind.data for kind in kinds()[one.kind])]
            return lambda node: self._reads(node, data)
        thing = self.estate.objects.get(wanted)
        if isinstance(thing, Thing):
            return lambda node: self._reads(node, [thing])
        return lambda node: node.arn == wanted

    def _reads(self, node: Node, things: Iterable[Thing]) -> Hop | bool:
        """Return the hop by which a node reads resources, False when it reads none."""
        if (not node.arn.startswith("arn:") and node.arn != ANONYMOUS) or "-provider/" in node.arn:
            return False
        found: list[tuple[str, tuple[Step, ...]]] = []
        for thing in things:
            for kind in kinds().get(thing.kind, ()):
                if kind.data or thing.kind not in _DATA:
                    steps = self._read(node, (thing, kind))
                    found += [(thing.arn, steps)] if steps else []
        if not found:
            return False
        found.sort(key=lambda one: len(one[1]))
        provided = UNBLOCKED if node.arn == ANONYMOUS else ""
        read = tuple(dict.fromkeys(arn for arn, _ in found))
        return Hop(node, Node("data"), "reads", found[0][1], provided, things=read)

    def _read(self, node: Node, what: tuple[Thing, Kind]) -> tuple[Step, ...]:
        """Return how a node reads a resource: as it is, or after it made the resource's policy its own."""
        thing, kind = what
        for step in self._uses(node, what, "read"):
            return (step,)
        subject = self.ways.subject(node)
        for action in kind.opened_by:
            if not self._could(subject, thing, action):
                continue
            answer = self.ways.ask(subject, about(thing, action))
            opened = replace(thing, policy=_letting(node.arn, kind.actions["read"]))
            read = next(self._uses(node, (opened, kind), "read"), None) if answer.allowed else None
            if read is not None:
                grounds = tuple(ground for ground in read.grounds if ground.layer != "resource")
                return Step(action, thing.arn, answer.grounds, answer.conditions), read._replace(grounds=grounds)
        for action in kind.actions["read"] if thing.kind == "s3.bucket" and thing.policy else ():
            if self.asker.covers(subject, points.WRITE):
                for steps in points.opened(self.ways, node, what, action):
                    return steps
        return ()


def _letting(arn: str, actions: tuple[str, ...]) -> str:
    """Write a resource's policy that lets one principal do some actions."""
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": list(actions), "Resource": "*"}
    return text({"Version": "2012-10-17", "Statement": [statement]})


_DATA = frozenset(name for name, listed in kinds().items() if any(kind.data for kind in listed))
