"""How a principal that is held gets other rights: what somebody may write into its policies, groups and boundary."""

from collections.abc import Iterator

from twin.analysis.reach.answers import Question
from twin.analysis.reach.estate import protected
from twin.analysis.reach.hops import Hop, Step
from twin.analysis.reach.making import Spot
from twin.analysis.reach.rules import Rule, rules
from twin.analysis.reach.subject import ADMINISTRATOR, ALLOW_ALL, Change, Node
from twin.analysis.reach.ways import Ways, tags_of
from twin.observe.iam.org import Group, Identity, Managed, account_of

MOST_CHANGES = 2
"""Changes that are followed one after the other; more would be tried in all their combinations."""


def rises(ways: Ways, by: Node, of: Node) -> Iterator[Hop]:
    """Yield what `by` may make of the rights of `of`; both are held by the same person."""
    account = account_of(of.arn)
    identity = ways.estate.objects.get(of.arn)
    if account_of(by.arn) != account or account not in ways.estate.accounts or not isinstance(identity, Identity):
        return
    if len(of.changes) >= MOST_CHANGES or protected(of.arn):
        return
    # An administrator gains by what takes a limit off itself, and by whom another account trusts.
    if ways.administers(by) and of != by and not ways.estate.trusted_abroad(of.arn):
        return
    subject = ways.subject(by)
    for rule in rules():
        if rule.how != "write" or not all(any(ways.asker.covers(subject, a) for a in needs) for needs in rule.actions):
            continue
        for change, steps in _changes(ways, by, _Target(of, identity, rule)):
            risen = of.with_change(change)
            if risen != of:
                yield Hop(by, risen, rule.id, steps, rule.provided, of)


class _Target:
    """The principal whose rights change, and the rule by which."""

    def __init__(self, node: Node, identity: Identity, rule: Rule) -> None:
        self.node, self.identity, self.rule = node, identity, rule
        self.account = account_of(node.arn)
        self.groups = (*identity.groups, *(c.name for c in node.changes if c.kind == "group"))

    def is_user(self) -> bool:
        return ":user/" in self.node.arn


Found = Iterator[tuple[Change, tuple[Step, ...]]]


def _changes(ways: Ways, by: Node, target: _Target) -> Found:
    rule = target.rule
    if rule.change == "group":
        if target.is_user():
            yield from _joins(ways, by, target)
    elif rule.target in ("user", "role"):
        if f":{rule.target}/" in target.node.arn and (rule.change != "boundary" or target.identity.boundary):
            spot = Spot(target.node.arn, target.account, facts=_facts(target), tags_known=True)
            yield from _write(ways, by, (rule, spot))
    elif rule.target == "group":
        for group in target.groups:
            yield from _write(ways, by, (rule, Spot(group, target.account)))
    else:
        yield from _versions(ways, by, target)


def _facts(target: _Target) -> tuple[tuple[str, str], ...]:
    """Return what a request to write rights tells: the target's tags, and its boundary, or the one that is put."""
    if target.rule.change == "boundary" and ".put-" in target.rule.id:
        bound = ADMINISTRATOR
    else:
        bound = "" if any(change.kind == "boundary" for change in target.node.changes) else target.identity.boundary
    return (*tags_of(target.identity), *((("iam:PermissionsBoundary", bound),) if bound else ()))


def _joins(ways: Ways, by: Node, target: _Target) -> Found:
    for group in ways.estate.groups.get(target.account, ()):
        if group.arn in target.groups:
            continue
        steps = ways.meet(by, target.rule, Spot(target.node.arn, target.account, group=group.arn))
        if steps is not None:
            yield Change("group", group.arn), steps


def _write(ways: Ways, by: Node, what: tuple[Rule, Spot]) -> Found:
    rule, spot = what
    if rule.change == "managed":
        yield from _attach(ways, by, what)
        return
    steps = ways.meet(by, rule, spot)
    if steps is not None:
        yield (Change("boundary", "") if rule.change == "boundary" else Change("policy", "any", ALLOW_ALL)), steps


def _attach(ways: Ways, by: Node, what: tuple[Rule, Spot]) -> Found:
    """Attach the policy that grants most, else any that may be attached."""
    rule, spot = what
    action = rule.needs[0][0].action
    held = [(ADMINISTRATOR, ALLOW_ALL), *((one.arn, one.text) for one in ways.estate.managed)]
    for arn, text in held:
        if account_of(arn) not in ("aws", spot.account):
            continue
        facts = (*spot.facts, ("iam:PolicyARN", arn))
        question = Question(action, spot.target, spot.account, facts=facts, tags_known=spot.tags_known)
        answer = ways.ask(ways.subject(by), question)
        if answer.allowed:
            yield Change("policy", arn, text), (Step(action, spot.target, answer.grounds, answer.conditions),)
            if arn == ADMINISTRATOR:
                return


def _versions(ways: Ways, by: Node, target: _Target) -> Found:
    """Write a new version of a policy that binds the principal, or put back another one."""
    listed = list(target.identity.attached)
    if target.identity.boundary:
        listed.append(target.identity.boundary)
    for name in target.groups:
        group = ways.estate.objects.get(name)
        listed += group.attached if isinstance(group, Group) else ()
    for arn in dict.fromkeys(listed):
        policy = ways.estate.objects.get(arn)
        if not isinstance(policy, Managed) or account_of(arn) != target.account:
            continue  # AWS's own policies have no versions of ours
        texts = [text for version, text in policy.versions if version != policy.default]
        texts = [ALLOW_ALL] if target.rule.change == "any" else texts
        steps = ways.meet(by, target.rule, Spot(arn, target.account)) if texts else None
        for text in texts if steps is not None else ():
            yield Change("version", arn, text), steps or ()
