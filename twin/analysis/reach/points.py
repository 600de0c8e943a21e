"""Access points of S3: a bucket is used through one when the access point and the bucket both let it through.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html. That policies of a caller from
another account are asked about the access point alone is assumed.
"""

from collections.abc import Iterator
from dataclasses import replace

from twin.analysis.reach.answers import Answer, Question
from twin.analysis.reach.estate import EVERYONE, named_in
from twin.analysis.reach.hops import Step
from twin.analysis.reach.places import REGION, witnesses
from twin.analysis.reach.rules import Kind
from twin.analysis.reach.subject import Node, Source
from twin.analysis.reach.ways import Ways, about
from twin.observe.iam.org import Point, Thing, account_of, text

SERVED = ("s3:ListBucket",)
"""Actions about a bucket itself that an access point serves, among those that are classed."""
UNBLOCKED = "public access to the access point is not blocked"
CREATE, WRITE = "s3:CreateAccessPoint", "s3:PutAccessPointPolicy"


def used(ways: Ways, node: Node, what: tuple[Thing, Kind], action: str) -> Iterator[Step]:
    """Yield how a node does an action with what is in a bucket through the access points that lead to it."""
    thing, kind = what
    for point in ways.estate.points.get(thing.arn, ()):
        for place, answer in _through(ways, node, (point, thing, kind), action):
            yield Step(action, place, answer.grounds, answer.conditions)


def opened(ways: Ways, node: Node, what: tuple[Thing, Kind], action: str) -> Iterator[tuple[Step, Step]]:
    """Yield how a node lets itself in by an access point: it writes the policy of one, or makes one of its own."""
    thing, kind = what
    account = account_of(node.arn)
    if account not in ways.estate.accounts:
        return
    letting = {"Effect": "Allow", "Principal": {"AWS": node.arn}, "Action": action, "Resource": "*"}
    own = text({"Version": "2012-10-17", "Statement": [letting]})
    there = [replace(point, policy=own) for point in ways.estate.points.get(thing.arn, ())]
    new = Point(f"arn:aws:s3:{REGION}:{account}:accesspoint/new", account, thing.arn, own)
    for point in (*there, new):
        needed = (CREATE, WRITE) if point is new else (WRITE,)
        answers = [_asked(ways, node, Question(one, point.arn, point.account)) for one in needed]
        through = next(_through(ways, node, (point, thing, kind), action), None) if all(answers) else None
        if through is not None:
            place, answer = through
            written = _both(*(one for one in answers if one))
            grounds = tuple(ground for ground in answer.grounds if ground.owner != point.arn)
            yield Step(WRITE, point.arn, *written[1:]), Step(action, place, grounds, answer.conditions)


def _through(
    ways: Ways, node: Node, what: tuple[Point, Thing, Kind], action: str
) -> Iterator[tuple[str, Answer]]:  # fmt: skip
    """Yield the places of an access point where it and its bucket both let an action through."""
    point, thing, kind = what
    if not kind.suffix and action not in SERVED:
        return
    facts = (
        ("s3:DataAccessPointArn", point.arn),
        ("s3:DataAccessPointAccount", point.account),
        ("s3:AccessPointNetworkOrigin", "VPC" if point.vpc else "Internet"),
    )
    own = Source(point.arn, "resource", "access point policy", point.policy) if point.policy else None
    for key in _keys(ways, node, what, action) if kind.suffix else ("",):
        place = f"{point.arn}/object{key}" if key else point.arn
        first = _asked(ways, node, Question(action, place, point.account, own, facts=facts))
        if first is None:
            continue
        second = about(thing, action)._replace(resource=f"{thing.arn}{key}", passed=True)
        inside = _asked(ways, node, second._replace(facts=(*second.facts, *facts)))
        if inside is not None:
            found = _both(first, inside)
            yield place, found._replace(conditions=(*found.conditions, *_provided(node, point)))


def _asked(ways: Ways, node: Node, question: Question) -> Answer | None:
    answer = ways.ask(ways.subject(node), question)
    return answer if answer.allowed else None


def _both(*answers: Answer) -> Answer:
    grounds = dict.fromkeys(ground for one in answers for ground in one.grounds)
    conditions = dict.fromkeys(condition for one in answers for condition in one.conditions)
    return Answer(True, tuple(grounds), tuple(conditions))


def _keys(ways: Ways, node: Node, what: tuple[Point, Thing, Kind], action: str) -> Iterator[str]:
    """Yield keys, each with its slash: those that policies of the access point need, and those of its bucket."""
    point, thing, kind = what
    subject = ways.subject(node)
    homes = (ways.estate.accounts.get(account) for account in (point.account, thing.account))
    limits = [one.text for home in homes for _, listed in (home.rcps if home else None) or () for one in listed]
    forms = (f"{point.arn}/object", point.policy), (thing.arn, thing.policy)
    found = {}
    for form, policy in forms:
        for place in witnesses(subject, action, form + kind.suffix, policies=(*([policy] if policy else ()), *limits)):
            found[place.removeprefix(form)] = True
    yield from found


def _provided(node: Node, point: Point) -> Iterator[str]:
    if point.vpc:
        yield f"the request comes from {point.vpc}"
    outside = account_of(node.arn) != point.account
    if outside and not point.open and point.policy and EVERYONE in named_in(point.policy):
        yield UNBLOCKED
